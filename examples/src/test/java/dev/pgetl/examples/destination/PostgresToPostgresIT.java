package dev.pgetl.examples.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.examples.ExampleProcess;
import dev.pgetl.testkit.postgres.PostgresCluster;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresToPostgresIT {
  @TempDir private Path folder;

  @Test
  void bothSidesAreEqualAfterAKillAndASchemaChange() throws IOException, InterruptedException {
    assumeThat(PostgresCluster.isPossible()).isTrue();
    try (ExampleProcess example = ExampleProcess.start(folder, PostgresToPostgres.class)) {
      assertThat(example.exitCode()).as(example.output()).isZero();
      assertThat(example.output().lines())
          .satisfiesExactly(
              line -> assertThat(line).isEqualTo("copied up to purchase 20000"),
              line -> assertThat(line).startsWith("killed at purchase 2"),
              line -> assertThat(line).startsWith("customer: equal, 1000 rows"),
              line -> assertThat(line).startsWith("purchase: equal, 20000 rows"),
              line -> assertThat(line).isEqualTo("EQUAL"));
    }
  }
}
