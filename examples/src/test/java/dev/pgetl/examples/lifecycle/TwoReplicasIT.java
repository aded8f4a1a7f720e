package dev.pgetl.examples.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.examples.ExampleProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoReplicasIT {
  private static final Pattern EPOCH = Pattern.compile(", epoch (\\d+)");

  @TempDir private Path folder;

  @Test
  void oneWorksAndTheOthersTakeOver() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, TwoReplicas.class)) {
      assertThat(example.exitCode()).as(example.output()).isZero();
      assertThat(EPOCH.matcher(example.output()).replaceAll("").lines())
          .containsSubsequence(
              "A owns the pipeline",
              "B waits, the owner is A",
              "A delivers order 1",
              "-- A is killed",
              "B owns the pipeline",
              "B delivers order 2",
              "-- B is paused",
              "C owns the pipeline",
              "C delivers order 3",
              "-- B wakes up",
              "B waits, the owner is C",
              "C delivers order 4");
      List<Long> epochs =
          EPOCH
              .matcher(example.output())
              .results()
              .map(match -> Long.valueOf(match.group(1)))
              .toList();
      assertThat(epochs).hasSize(3).isSorted().doesNotHaveDuplicates();
    }
  }
}
