package dev.pgetl.examples.consistency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.examples.ExampleProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyReplicaIT {
  @TempDir private Path folder;

  @Test
  void findsAndRepairs() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, VerifyReplica.class)) {
      assertThat(example.exitCode()).isZero();
      assertThat(example.output().lines())
          .containsExactly("VALUE [42]", "repaired: true", "now EQUAL");
    }
  }
}
