package dev.pgetl.examples.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.examples.ExampleProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyOnceIT {
  @TempDir private Path folder;

  @Test
  void copiesAndEnds() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, CopyOnce.class)) {
      assertThat(example.exitCode()).isZero();
      assertThat(example.output().lines())
          .containsExactly(
              "public.orders is FinishedCopy, 500 rows",
              "public.users is FinishedCopy, 1000 rows",
              "0 slots are left");
    }
  }
}
