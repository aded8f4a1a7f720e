package dev.pgetl.examples.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.examples.ExampleProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParallelStreamsIT {
  @TempDir private Path folder;

  @Test
  void everyRowArrivesInItsStream() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, ParallelStreams.class)) {
      assertThat(example.exitCode()).isZero();
      assertThat(example.output().lines())
          .containsExactly(
              "people is RUNNING",
              "sales is RUNNING",
              "people: 1000 copied and 1 inserted of 1001",
              "sales: 0 copied and 2500 inserted of 2500");
    }
  }
}
