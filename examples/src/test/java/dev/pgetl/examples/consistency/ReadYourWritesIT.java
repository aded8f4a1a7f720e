package dev.pgetl.examples.consistency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.examples.ExampleProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadYourWritesIT {
  @TempDir private Path folder;

  @Test
  void whatWasWrittenIsRead() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, ReadYourWrites.class)) {
      assertThat(example.exitCode()).isZero();
      assertThat(example.output().lines())
          .satisfiesExactly(
              line -> assertThat(line).matches("wrote Ada before .*/.*, read Ada"),
              line -> assertThat(line).matches("wrote Bob before .*/.*, read Bob"),
              line -> assertThat(line).matches("wrote Cy before .*/.*, read Cy"));
    }
  }
}
