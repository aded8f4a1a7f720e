package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process that only copies is killed: it leaves nothing at the server, and the next one copies.
 */
class CopyOnlyKillIT {
  @ParameterizedTest
  @ValueSource(strings = {"BEFORE_SNAPSHOT_IMPORTED", "AFTER_TRUNCATE", "BEFORE_FINISHED_COPY"})
  void aKilledProcessLeavesNothing(String failpoint, @TempDir Path directory)
      throws IOException, InterruptedException {
    try (TestDatabase source = CopyOnlyIT.database(CopyOnlyIT.TWO)) {
      try (ChildJvm killed =
          ChildJvm.start(
              directory,
              "killed",
              source,
              "-Dchild.copyOnly=true",
              "-Dchild.haltAt=" + failpoint)) {
        killed.awaitHalted();
      }
      CopyOnlyIT.awaitNothingLeft(source);
      try (ChildJvm next = ChildJvm.start(directory, "next", source, "-Dchild.copyOnly=true")) {
        next.awaitReady().awaitPrinted("ended");
      }
      assertThat(source.slots()).isEmpty();
      assertThat(ChildJvm.store(directory)).doesNotExist();
    }
  }
}
