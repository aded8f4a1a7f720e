package dev.pgetl.examples.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.examples.ExampleProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoReplicasIT {
  @TempDir private Path folder;

  @Test
  void oneWorksAndTheOthersTakeOver() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, TwoReplicas.class)) {
      assertThat(example.exitCode()).as(example.output()).isZero();
      assertThat(example.output().lines())
          .containsSubsequence(
              "A owns the pipeline, epoch 1",
              "B waits, the owner is A",
              "A delivers order 1",
              "-- A is killed",
              "B owns the pipeline, epoch 2",
              "B delivers order 2",
              "-- B is paused",
              "C owns the pipeline, epoch 3",
              "C delivers order 3",
              "-- B wakes up",
              "B waits, the owner is C",
              "C delivers order 4");
    }
  }
}
