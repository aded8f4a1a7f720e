package dev.pgetl.examples.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.examples.ExampleProcess;
import dev.pgetl.examples.lifecycle.ManagedPipeline.Level;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
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

  private final RecordingDestination destination = new RecordingDestination();
  private final MemoryStore store = new MemoryStore();
  @TempDir private Path folder;

  @BeforeEach
  void createTable(TestDatabase source) {
    source.execute(
        "create table users (id int primary key); create publication pub for table users");
  }

  private ManagedPipeline managed(TestDatabase source, String publication) {
    PipelineConfig config =
        PipelineConfig.builder("managed", publication, source.connectionConfig()).build();
    return new ManagedPipeline(() -> Pipeline.create(config, store, destination));
  }

  @Test
  void canBeStartedAgain(TestDatabase source) {
    ManagedPipeline managed = managed(source, "pub");
    assertThat(managed.health().level()).isEqualTo(Level.DOWN);
    for (int i = 0; i < 2; i++) {
      managed.start();
      managed.start();
      assertThat(managed.isRunning()).isTrue();
      await().atMost(LIMIT).until(() -> managed.health().level() == Level.UP);
      managed.stop();
      managed.stop();
      assertThat(managed.isRunning()).isFalse();
      assertThat(managed.health().level()).isEqualTo(Level.DOWN);
      assertThat(managed.health().reasons()).containsExactly("STOPPED");
    }
  }

  @Test
  void isDegradedWhileATableNeedsAPerson(TestDatabase source) {
    destination.on(Operation.ROWS).reject(ErrorKind.DESTINATION_REJECTED);
    ManagedPipeline managed = managed(source, "pub");
    managed.start();
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(managed.health().reasons())
                    .singleElement()
                    .asString()
                    .contains("public.users", "refused, as the test requests"));
    assertThat(managed.health().level()).isEqualTo(Level.DEGRADED);
    managed.stop();
  }

  @Test
  void saysWhyItCouldNotStart(TestDatabase source) {
    ManagedPipeline managed = managed(source, "missing");
    assertThatThrownBy(managed::start).isInstanceOf(EtlException.class);
    assertThat(managed.isRunning()).isFalse();
    assertThat(managed.health().level()).isEqualTo(Level.DOWN);
    assertThat(managed.health().reasons()).singleElement().asString().contains("\"missing\"");
  }

  @Test
  void endsInGoodOrderOnSigterm(TestDatabase source) throws IOException, InterruptedException {
    String changes = folder.resolve("changes.jsonl").toString();
    try (ExampleProcess example =
        ExampleProcess.start(
            folder, ManagedPipeline.class, ExampleProcess.url(source), "pub", changes)) {
      URI health = URI.create(example.awaitOutput(Pattern.compile("http://.*/health")));
      await().atMost(LIMIT).until(() -> get(health).path("level").asText().equals("UP"));
      source.execute("insert into users values (1)");
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(Path.of(changes)).content().contains("insert"));
      example.terminate();
      assertThat(example.exitCode()).isEqualTo(SIGTERM);
      assertThat(example.output()).contains("stopped: Health[level=DOWN, reasons=[STOPPED]");
      assertThat(source.slot("pgetl_apply_managed").isActive()).isFalse();
    }
  }

  /** Also while it does not answer, or answers 503. */
  private static JsonNode get(URI uri) {
    try (InputStream body = uri.toURL().openStream()) {
      return new ObjectMapper().readTree(body);
    } catch (IOException e) {
      return new ObjectMapper().createObjectNode();
    }
  }
}
