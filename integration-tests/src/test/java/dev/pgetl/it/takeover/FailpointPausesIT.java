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
 * start, one of the copy, one of the end. {@code -Dtakeover.failpoints=all} takes each in turn, and
 * {@code -Dtakeover.failpoints=BEFORE_TRUNCATE,AFTER_TRUNCATE} these.
 */
class FailpointPausesIT {
  private static final String SOME =
      "AFTER_APPLY_SLOT_CREATED,BEFORE_FINISHED_COPY,BEFORE_FINAL_STATUS";

  @TempDir Path directory;

  static Stream<Failpoint> failpoints() {
    String chosen = System.getProperty("takeover.failpoints", SOME);
    return chosen.equals("all")
        ? Arrays.stream(Failpoint.values())
        : Arrays.stream(chosen.split(",")).map(Failpoint::valueOf);
  }

  @ParameterizedTest
  @MethodSource("failpoints")
  void anotherTakesOver(Failpoint failpoint) throws IOException, InterruptedException {
    new FailpointPauses(directory).at(failpoint);
  }
}
