package dev.pgetl.examples.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.examples.ExampleProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedPipelineIT {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir private Path folder;

  @Test
  void showsElevenTablesAndWhatIsWrongWithTheTwelfth() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, WatchedPipeline.class)) {
      String address = example.awaitOutput(Pattern.compile("http://\\S+"));
      URI status = URI.create(address).resolve("status");
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                JsonNode pipeline = read(status).at("/pipelines/0");
                assertThat(pipeline.get("tables").findValuesAsText("ready"))
                    .hasSize(12)
                    .filteredOn("true"::equals)
                    .hasSize(11);
                assertThat(pipeline.at("/health/reasons").toString()).contains("public.table_7");
              });
      example.terminate();
      assertThat(example.exitCode()).isEqualTo(128 + 15);
    }
  }

  private static JsonNode read(URI status) throws IOException {
    try (InputStream answer = status.toURL().openStream()) {
      return new ObjectMapper().readTree(answer);
    }
  }
}
