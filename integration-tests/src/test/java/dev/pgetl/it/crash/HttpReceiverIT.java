package dev.pgetl.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pgetl.Pipeline;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.destination.http.HttpDestinationBuilder;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receivers that follow docs/http-destination.md end equal to the source. */
@Timeout(120)
class HttpReceiverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** For a table without a key, the request is all a receiver can recognise. */
  @ParameterizedTest
  @ValueSource(ints = {409, 413, 422})
  void takesNothingTwiceThoughItIsLateAndThenRefuses(int refusal) throws Exception {
    AtomicInteger rows = new AtomicInteger();
    AtomicInteger refusals = new AtomicInteger();
    Set<String> known = new HashSet<>();
    HttpServer server = server();
    server.createContext(
        "/",
        exchange -> {
          try (exchange;
              InputStream in = exchange.getRequestBody()) {
            JsonNode body = JSON.readTree(in.readAllBytes());
            if (!body.has("rows")) {
              exchange.sendResponseHeaders(204, -1);
            } else if (known.add(key(exchange))) {
              // Takes the rows and does not say so: closing the exchange breaks the connection.
              rows.addAndGet(body.get("rows").size());
            } else {
              boolean refuse = refusals.incrementAndGet() == 1;
              exchange.sendResponseHeaders(refuse ? refusal : 204, -1);
            }
          }
        });
    copySixRows(server, rows);

    assertThat(rows).hasValue(6);
    assertThat(refusals.get()).isGreaterThanOrEqualTo(2);
    assertThat(known).hasSize(1);
  }

  private static void copySixRows(HttpServer server, AtomicInteger letters)
      throws InterruptedException {
    server.start();
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(
          "create table t (v text); insert into t select 'same' from generate_series(1, 6)");
      source.execute("create publication pub for table t");
      try (MemoryStore store = new MemoryStore();
          HttpDestination destination =
              builder(server).deadLetters(letter -> letters.addAndGet(100)).build();
          Pipeline pipeline = Pipeline.create(config(source).build(), store, destination)) {
        pipeline.start();
        assertThat(pipeline.awaitReady(PATIENCE)).isTrue();
      }
    } finally {
      server.stop(0);
    }
  }

  private static String key(HttpExchange exchange) {
    return exchange.getRequestHeaders().getFirst("Idempotency-Key");
  }

  /**
   * The positions of the database go back, as after a restore. A receiver that kept the largest key
   * of before the truncation would leave out every change.
   */
  @Test
  void takesChangesWhoseKeysAreSmallerThanThoseOfAnotherHistory() throws Exception {
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        DeduplicatingReceiver receiver = new DeduplicatingReceiver(1);
        MemoryStore store = new MemoryStore()) {
      source.execute("create table t (id int primary key, v text); insert into t values (1, 'a')");
      source.execute("create publication pub for table t");
      try (Pipeline pipeline = start(config(source), store, receiver)) {
        assertThat(pipeline.awaitReady(PATIENCE)).isTrue();
      }
      TableSchema table = table(source, store);
      Lsn elsewhere = source.currentLsn().plus(1L << 30);
      sendInsert(receiver, table, elsewhere);
      pretendHistory(store, elsewhere);

      PipelineConfig.Builder again =
          config(source).invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE);
      try (Pipeline pipeline = start(again, store, receiver)) {
        assertThat(pipeline.awaitReady(PATIENCE)).isTrue();
        source.execute("insert into t values (2, 'b'); update t set v = 'c' where id = 1");
        assertThat(pipeline.awaitApplied(source.currentLsn(), PATIENCE)).isTrue();
      }

      assertThat(receiver.content(table.id().oid()))
          .containsExactlyInAnyOrder(List.of("1", "c"), List.of("2", "b"));
    }
  }

  private static void sendInsert(DeduplicatingReceiver receiver, TableSchema table, Lsn commit) {
    Transaction transaction = new Transaction(commit, Instant.EPOCH, 1);
    Event insert =
        new Event.Insert(transaction, 2, table, TestTable.row(table, "9", "of another history"));
    try (HttpDestination destination = HttpDestination.builder(receiver.url()).build()) {
      destination.writeEvents(List.of(insert));
    }
    assertThat(receiver.content(table.id().oid())).contains(List.of("9", "of another history"));
  }

  private static TableSchema table(TestDatabase source, PipelineStore store) throws Exception {
    TableId id = new TableId(Long.parseLong(source.value("select 't'::regclass::oid::text")));
    return store.getTableSchema(id).orElseThrow();
  }

  private static void pretendHistory(PipelineStore store, Lsn position) {
    SlotLineage lineage = new SlotLineage("another cluster", 1, position);
    store.storeReplicationProgress(
        new ReplicationProgress("pgetl_apply_receiver", lineage, position));
  }

  private static Pipeline start(
      PipelineConfig.Builder config, PipelineStore store, DeduplicatingReceiver receiver) {
    Pipeline pipeline =
        Pipeline.create(config.build(), store, HttpDestination.builder(receiver.url()).build());
    pipeline.start();
    return pipeline;
  }

  private static PipelineConfig.Builder config(TestDatabase source) {
    return PipelineConfig.builder("receiver", "pub", source.connectionConfig());
  }

  private static HttpServer server() throws IOException {
    return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  private static HttpDestinationBuilder builder(HttpServer server) {
    return HttpDestination.builder("http://localhost:" + server.getAddress().getPort());
  }
}
