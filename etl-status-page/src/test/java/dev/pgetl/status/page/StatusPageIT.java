package dev.pgetl.status.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.Pipeline;
import dev.pgetl.PipelineRunner;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.status.json.StatusDocument;
import dev.pgetl.store.memory.InMemoryLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The page of pipelines that run. */
@ExtendWith(PostgresExtension.class)
class StatusPageIT {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String CANARY = "canary-in-a-cell";

  /** Takes all tables but one. */
  private record Choosy() implements Destination {
    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      if (table.name().name().equals("refused") && !rows.isEmpty()) {
        throw new IllegalStateException("no room for " + rows.get(0).text(1));
      }
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      return WriteResult.DURABLE;
    }
  }

  @BeforeEach
  void createTables(TestDatabase source) {
    source.execute(
        """
        create table orders (id int primary key, note text);
        create table refused (id int primary key, note text);
        create publication pub for table orders, refused;
        """);
    source.execute("insert into orders values (1, '" + CANARY + "')");
    source.execute("insert into refused values (1, '" + CANARY + "')");
  }

  private static PipelineConfig config(TestDatabase source) {
    return PipelineConfig.builder("shop", "pub", source.connectionConfig()).build();
  }

  private static JsonNode pipeline(URI page) throws IOException, InterruptedException {
    return new ObjectMapper().readTree(Client.get(page, "status").body()).at("/pipelines/0");
  }

  @Test
  void showsWhatARunnerDoesWithoutCellsAndSecrets(TestDatabase source)
      throws IOException, InterruptedException {
    try (PipelineRunner runner =
            PipelineRunner.builder()
                .pipeline(config(source), () -> new MemoryStore(new InMemoryLayer()), Choosy::new)
                .build();
        StatusPage page =
            StatusPage.builder().runner(runner).interval(Duration.ofMillis(100)).start()) {
      runner.start();
      URI uri = page.uri();
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                assertThat(pipeline(uri).at("/tables/0/phase/name").asText()).isEqualTo("Ready");
                assertThat(pipeline(uri).at("/tables/1/phase/name").asText()).isEqualTo("Errored");
              });
      source.execute("insert into orders select i, '" + CANARY + "' from generate_series(2, 9) i");
      await().atMost(LIMIT).until(() -> pipeline(uri).at("/stream/events").asLong() >= 8);

      JsonNode shown = pipeline(uri);
      assertThat(shown.at("/health/level").asText()).isEqualTo("DEGRADED");
      assertThat(shown.at("/run/starts").asInt()).isEqualTo(1);
      assertThat(shown.at("/tables/0/events/inserts").asInt()).isEqualTo(8);
      assertThat(shown.at("/tables/1/phase/solution").asText()).isNotEmpty();
      await()
          .atMost(LIMIT)
          .until(() -> Client.get(uri, "history").body().matches("(?s).*lag_bytes\":\\[.*\\d.*"));
      for (String part : List.of("", "status", "history")) {
        assertThat(Client.get(uri, part).body())
            .as(part)
            .doesNotContain(CANARY, source.server().password().reveal());
      }
    }
  }

  @Test
  void thePageOfAPipelineOutlivesIt(TestDatabase source) throws IOException, InterruptedException {
    try (MemoryStore store = new MemoryStore(new InMemoryLayer());
        Pipeline pipeline = Pipeline.create(config(source), store, new Choosy());
        StatusPage page = StatusPage.builder().pipeline("shop", pipeline::status).start()) {
      assertThat(pipeline(page.uri()).at("/state").asText()).isEqualTo("CREATED");
      pipeline.start();
      assertThat(pipeline(page.uri()).at("/state").asText()).isEqualTo("RUNNING");
      // tag::status_json[]
      StatusDocument document =
          StatusDocument.builder(Instant.now())
              .pipeline("orders", pipeline.status()) // or the RunStatus of a PipelineRunner
              .build();
      byte[] json = document.toJson();
      // end::status_json[]
      assertThat(new ObjectMapper().readTree(json).at("/pipelines/0/state").asText())
          .isEqualTo("RUNNING");
      pipeline.close();

      assertThat(pipeline(page.uri()).at("/state").asText()).isEqualTo("STOPPED");
      assertThat(pipeline(page.uri()).at("/health/level").asText()).isEqualTo("DOWN");
    }
  }
}
