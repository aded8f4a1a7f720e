package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many takeovers, with the time that each step took: {@code -Dit.test=TakeoverRuns -Dkills=200
 * -Dpauses=100 -Dfailpoints=100 -Dcuts=100 -Drestarts=30 -Drate=1000}. On a machine that does
 * nothing but that, {@code -Dasserted=true} checks the times that are promised.
 */
class TakeoverRuns {
  private static final Logger LOG = LoggerFactory.getLogger(TakeoverRuns.class);
  private static final int RATE = Integer.getInteger("rate", 1_000);
  private static final boolean ASSERTED = Boolean.getBoolean("asserted");

  /** In a database of their own: comparing all rows takes longer the more there are. */
  private static final int TOGETHER = 20;

  private static final long LEASE = 2_000;
  private static final long AT_ONCE = 1_000;
  private static final long MEDIAN_GAP = 500;
  private static final long LONGEST_GAP = 1_500;

  private final Takeovers takeovers;

  TakeoverRuns(@TempDir Path directory) {
    takeovers = new Takeovers(directory, RATE);
  }

  /** Some faults of one kind. */
  private interface Faults {
    Times make(int count) throws IOException, InterruptedException;
  }

  private static Times run(String property, Faults faults)
      throws IOException, InterruptedException {
    Times times = new Times();
    for (int left = Integer.getInteger(property, 4); left > 0; left -= TOGETHER) {
      times.add(faults.make(Math.min(left, TOGETHER)));
    }
    LOG.info("{} under {} transactions/s: {}", property, RATE, times);
    return times;
  }

  @Test
  void ownersAreKilled() throws IOException, InterruptedException {
    assertAtMost(run("kills", takeovers::kills), 0.99, AT_ONCE);
  }

  @Test
  void ownersArePaused() throws IOException, InterruptedException {
    assertAtMost(run("pauses", takeovers::pauses), 0.99, LEASE + AT_ONCE);
  }

  @Test
  void ownersArePausedAtFailpoints() throws IOException, InterruptedException {
    assertAtMost(run("failpoints", takeovers::pausesAtFailpoints), 0.99, LEASE + AT_ONCE);
  }

  @Test
  void ownersAreCutOffFromTheStore() throws IOException, InterruptedException {
    assertAtMost(run("cuts", takeovers::cutOffs), 0.99, LEASE + AT_ONCE);
  }

  @Test
  void ownersAreReplaced() throws IOException, InterruptedException {
    Times gaps = run("restarts", takeovers::restarts);
    assertAtMost(gaps, 0.5, MEDIAN_GAP);
    assertAtMost(gaps, 1, LONGEST_GAP);
  }

  private static void assertAtMost(Times times, double part, long limit) {
    if (ASSERTED) {
      assertThat(times.quantile(part)).as("%s", times).isLessThanOrEqualTo(limit);
    }
  }
}
