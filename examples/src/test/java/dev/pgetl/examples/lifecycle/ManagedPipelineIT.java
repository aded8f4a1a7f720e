package dev.pgetl.examples.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.examples.ExampleProcess;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PostgresExtension.class)
class ManagedPipelineIT {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int SIGTERM = 128 + 15;

  @TempDir private Path folder;

  /**
   * The answer of {@code /health}.
   *
   * @param code the HTTP status
   * @param level how it is
   * @param reasons why
   */
  private record Answer(int code, String level, String reasons) {}

  @BeforeEach
  void createTable(TestDatabase source) {
    source.execute(
        "create table users (id int primary key); create publication pub for table users");
  }

  private ExampleProcess start(TestDatabase source, String publication) throws IOException {
    String changes = folder.resolve("changes.jsonl").toString();
    return ExampleProcess.start(
        folder, ManagedPipeline.class, ExampleProcess.url(source), publication, changes);
  }

  private static Answer awaitLevel(ExampleProcess example, String level) {
    URI health = URI.create(example.awaitOutput(Pattern.compile("http://.*/health")));
    return await().atMost(LIMIT).until(() -> health(health), now -> now.level.equals(level));
  }

  @Test
  void endsInGoodOrderOnSigterm(TestDatabase source) throws IOException, InterruptedException {
    try (ExampleProcess example = start(source, "pub")) {
      assertThat(awaitLevel(example, "UP")).isEqualTo(new Answer(200, "UP", "[]"));
      source.execute("insert into users values (1)");
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> assertThat(folder.resolve("changes.jsonl")).content().contains("\"id\":\"1\""));
      example.terminate();
      assertThat(example.exitCode()).isEqualTo(SIGTERM);
      await().atMost(LIMIT).until(() -> !source.slot("pgetl_apply_managed").isActive());
    }
  }

  @Test
  void saysWhatHasToBeDone(TestDatabase source) throws IOException, InterruptedException {
    try (ExampleProcess example = start(source, "missing")) {
      Answer answer = awaitLevel(example, "DOWN");
      example.terminate();

      assertThat(answer.code).isEqualTo(503);
      assertThat(answer.reasons).contains("PUBLICATION_MISSING", "missing");
      assertThat(example.exitCode()).isEqualTo(SIGTERM);
    }
  }

  private static Answer health(URI uri) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    int code = connection.getResponseCode();
    try (InputStream body =
        code == 200 ? connection.getInputStream() : connection.getErrorStream()) {
      JsonNode health = new ObjectMapper().readTree(body);
      return new Answer(code, health.path("level").asText(), health.path("reasons").toString());
    }
  }
}
