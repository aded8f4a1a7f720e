package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The connection breaks while the server commits, and the call is repeated. */
@ExtendWith(PostgresExtension.class)
class DoubtIT {
  private static final TableSchema BAG =
      TestTable.named("doubts")
          .identity(ReplicaIdentity.NOTHING)
          .column("text", TestTable.TEXT)
          .build();

  /** The trigger fires when its transaction commits, also with the role of a replica. */
  private static final String SLOW_COMMITS =
      """
      create or replace function doubt.slow() returns trigger language plpgsql as $$
        begin perform pg_sleep(1); return null; end $$;
      create constraint trigger slow after insert on doubt.doubts deferrable initially deferred
        for each row when (new.text = 'slow') execute function doubt.slow();
      alter table doubt.doubts enable always trigger slow;
      """;

  private final TestDatabase database;
  private final TcpProxy proxy;
  private final Destination destination;

  DoubtIT(TestDatabase database) {
    this.database = database;
    this.proxy = TcpProxy.to(database.server().host(), database.server().port());
    this.destination =
        PostgresDestination.builder(database.connection().port(proxy.port()).build(), "doubt")
            .tableNames(name -> new TableName("doubt", name.name()))
            .build();
  }

  @BeforeEach
  void start() {
    database.execute("drop schema if exists doubt cascade");
    destination.startup();
    destination.truncateTable(null, BAG);
    try (var statements = database.connect().createStatement()) {
      boolean unused = statements.execute(SLOW_COMMITS);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void stop() {
    destination.close();
    proxy.close();
  }

  @Test
  void rowsThatComeAgainAreThereOnce() {
    List<TableRow> rows = List.of(row(BAG, "slow"), row(BAG, "x"));
    breaks(() -> destination.writeTableRows(BAG, rows));
    var unused = destination.writeTableRows(BAG, List.copyOf(rows));
    assertRows("slow", "x");
    var unusedToo = destination.writeTableRows(BAG, List.of(row(BAG, "x")));
    assertRows("slow", "x", "x");
  }

  @Test
  void eventsThatComeAgainHaveTheirEffectOnce() {
    List<Event> events =
        TestTransaction.at(0x100).insert(row(BAG, "slow")).insert(row(BAG, "x")).commit();
    breaks(() -> destination.writeEvents(events));
    var unused = destination.writeEvents(events);
    assertRows("slow", "x");
  }

  private void breaks(Runnable call) {
    CompletableFuture<Void> running = CompletableFuture.runAsync(call);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                !database
                    .query(
                        "select from pg_stat_activity where wait_event = 'PgSleep'"
                            + " and application_name = 'pgetl/doubt/destination'")
                    .isEmpty());
    proxy.cut();
    assertThat(running)
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            EtlException.class,
            e -> assertThat(e.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE));
  }

  private void assertRows(String... texts) {
    assertThat(database.query("select text from doubt.doubts order by 1"))
        .isEqualTo(java.util.Arrays.stream(texts).map(List::of).toList());
  }
}
