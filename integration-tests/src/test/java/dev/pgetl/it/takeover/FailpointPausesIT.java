package dev.pgetl.it.takeover;

import dev.pgetl.internal.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Owners that are stopped where the stream's failpoints of {@link TakeoverIT} are not: one of the
 * start, one of the copy, one of the end. {@code -Dtakeover.failpoints=all} takes each in turn.
 */
class FailpointPausesIT {
  @TempDir Path directory;

  static Stream<Failpoint> failpoints() {
    return System.getProperty("takeover.failpoints", "").equals("all")
        ? Arrays.stream(Failpoint.values())
        : Stream.of(
            Failpoint.AFTER_APPLY_SLOT_CREATED,
            Failpoint.BEFORE_FINISHED_COPY,
            Failpoint.BEFORE_FINAL_STATUS);
  }

  @ParameterizedTest
  @MethodSource("failpoints")
  void anotherTakesOver(Failpoint failpoint) throws IOException, InterruptedException {
    new FailpointPauses(directory).at(failpoint);
  }
}
