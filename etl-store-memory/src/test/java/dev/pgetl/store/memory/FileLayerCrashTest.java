package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it writes. {@code -Dstore.kills=500} kills it that often; the
 * default is what fits into every build.
 */
class FileLayerCrashTest {
  @RegisterExtension private static final Seed SEED = Seed.of("store");
  private static final int KILLS = RandomRuns.count("store.kills", 12);

  @TempDir private Path directory;

  @Test
  void neverFallsBehindWhatAKilledProcessHadAcknowledged() throws Exception {
    Random random = new Random(SEED.value());
    long steps = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      killAfter(random.nextInt(150));
      try (MemoryStore store = FileLayerProcess.open(directory)) {
        for (int thread = 0; thread < FileLayerProcess.THREADS; thread++) {
          long acknowledged = FileLayerProcess.acknowledged(directory, thread);
          assertThat(FileLayerProcess.stepOf(store, thread))
              .as("kill %s, thread %s", kill, thread)
              .isBetween(acknowledged, acknowledged + 1);
          steps = Math.max(steps, acknowledged);
        }
      }
    }
    assertThat(steps).as("steps that were acknowledged").isGreaterThan(KILLS);
  }

  /** Kills a process so many milliseconds after its first acknowledgement. */
  private void killAfter(int millis) throws Exception {
    long before = FileLayerProcess.acknowledged(directory, 0);
    Process process = FileLayerProcess.start(directory);
    try {
      await()
          .atMost(2, TimeUnit.MINUTES)
          .pollInterval(2, TimeUnit.MILLISECONDS)
          .until(() -> isAhead(process, before));
      assertThat(process.waitFor(millis, TimeUnit.MILLISECONDS)).as(errors()).isFalse();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private boolean isAhead(Process process, long before) throws IOException {
    assertThat(process.isAlive()).as(errors()).isTrue();
    return FileLayerProcess.acknowledged(directory, 0) > before + 1;
  }

  private String errors() throws IOException {
    return "the process ended: " + Files.readString(directory.resolve("stderr"));
  }

  @Test
  void refusesASecondProcessNamingTheFirst() throws Exception {
    Process process = FileLayerProcess.start(directory);
    try {
      await().atMost(2, TimeUnit.MINUTES).until(() -> isAhead(process, 0));
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> FileLayer.open(FileLayerProcess.state(directory)))
          .withMessageContaining("process " + process.pid())
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
    } finally {
      process.destroyForcibly().waitFor();
    }
    FileLayer.open(FileLayerProcess.state(directory)).close();
  }
}
