package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas in processes of their own are killed, paused and replaced while the source is written
 * to. {@link TakeoverRuns} measures the same.
 */
class TakeoverIT {
  private static final Logger LOG = LoggerFactory.getLogger(TakeoverIT.class);
  private static final int RATE = 200;

  /** A machine that builds at the same time says nothing about milliseconds. */
  private static final long LIMIT = 30_000;

  private final Takeovers takeovers;

  TakeoverIT(@TempDir Path directory) {
    takeovers = new Takeovers(directory, RATE);
  }

  @Test
  void anotherTakesOverFromAKilledOwner() throws IOException, InterruptedException {
    assertShort(takeovers.kills(2));
  }

  @Test
  void anotherTakesOverFromAnOwnerThatIsPausedAtAFailpoint()
      throws IOException, InterruptedException {
    assertShort(takeovers.pausesAtFailpoints(2));
  }

  @Test
  void aRollingRestartHandsOverAtOnce() throws IOException, InterruptedException {
    assertShort(takeovers.restarts(3));
  }

  private static void assertShort(Times times) {
    LOG.info("{}", times);
    assertThat(times.quantile(1)).isLessThan(LIMIT);
  }
}
