package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may write a table: one pipeline, and of it the process that started last. */
@ExtendWith(PostgresExtension.class)
class TakeoverIT {
  private static final TableSchema LOG =
      TestTable.named("log").key("id", TestTable.INT8).column("text", TestTable.TEXT).build();
  private static final TableSchema OTHER =
      TestTable.named("other").key("id", TestTable.INT8).build();

  private static Destination prepared(TestDatabase database, String pipeline) {
    Destination destination =
        PostgresDestination.builder(database.connectionConfig(), pipeline)
            .tableNames(name -> new TableName("takeover", name.name()))
            .build();
    destination.startup();
    return destination;
  }

  private static Destination started(TestDatabase database, String pipeline) {
    Destination destination = prepared(database, pipeline);
    destination.tablesPublished(List.of());
    return destination;
  }

  private static List<Event> insert(long lsn, String id) {
    return TestTransaction.at(lsn).insert(row(LOG, id, "x")).commit();
  }

  @Test
  void aReplacedProcessChangesNothing(TestDatabase database) {
    try (Destination stale = started(database, "takeover")) {
      stale.truncateTable(null, LOG);
      try (Destination owner = started(database, "takeover")) {
        for (Runnable call :
            List.<Runnable>of(
                () -> stale.writeEvents(insert(0x100, "1")),
                () -> stale.writeTableRows(LOG, List.of(row(LOG, "1", "x"))),
                () -> stale.truncateTable(LOG, LOG),
                () -> stale.truncateTable(null, OTHER),
                () -> stale.tableCopied(LOG))) {
          EtlException failure = catchThrowableOfType(EtlException.class, call::run);
          assertThat(failure).hasMessageContaining("another process has taken over");
        }
        var unused = owner.writeEvents(insert(0x100, "2"));
        assertThat(database.query("select id from takeover.log")).containsExactly(List.of("2"));
      }
    }
  }

  /** The first one is started once, and owns the pipeline twice. */
  @Test
  void ownersTakeTurns(TestDatabase database) {
    TableSchema turns = TestTable.named("turns").key("id", TestTable.INT8).build();
    try (Destination first = prepared(database, "turns");
        Destination second = prepared(database, "turns")) {
      first.beginEpoch(Epoch.endless(1));
      first.truncateTable(null, turns);
      second.beginEpoch(Epoch.endless(2));
      var unused = second.writeEvents(TestTransaction.at(0x100).insert(row(turns, "1")).commit());
      first.beginEpoch(Epoch.endless(3));
      var unusedToo = first.writeEvents(TestTransaction.at(0x200).insert(row(turns, "2")).commit());
      assertLost(() -> second.tableCopied(turns));
      assertThat(database.query("select id from takeover.turns order by 1"))
          .isEqualTo(List.of(List.of("1"), List.of("2")));
    }
  }

  /** It was paused before it began. */
  @Test
  void aProcessThatIsLateTakesNothingOver(TestDatabase database) {
    TableSchema table = TestTable.named("late").key("id", TestTable.INT8).build();
    try (Destination owner = prepared(database, "late")) {
      owner.beginEpoch(Epoch.endless(8));
      owner.truncateTable(null, table);
      try (Destination late = prepared(database, "late")) {
        assertLost(() -> late.beginEpoch(Epoch.endless(7)));
        assertLost(() -> late.tableCopied(table));
        owner.beginEpoch(Epoch.endless(8));
        owner.tableCopied(table);
        EtlException failure =
            catchThrowableOfType(EtlException.class, () -> late.beginEpoch(Epoch.endless(7)));
        database.execute(failure.fix().substring(failure.fix().indexOf("UPDATE")));
        late.beginEpoch(Epoch.endless(7));
        late.tableCopied(table);
      }
    }
  }

  /** It is paused in a transaction, and its connection lives. */
  @Test
  void aPausedProcessDelaysNothing(TestDatabase database) throws SQLException {
    TableSchema table = TestTable.named("paused").key("id", TestTable.INT8).build();
    try (Destination before = started(database, "paused");
        Connection paused = database.connect();
        Statement statement = paused.createStatement()) {
      before.truncateTable(null, table);
      paused.setAutoCommit(false);
      for (String sql :
          List.of(
              "set application_name = 'pgetl/paused/destination'",
              "select from pgetl_destination.pipeline where name = 'paused' for update",
              "select from pgetl_destination.target where pipeline = 'paused' for update")) {
        boolean unused = statement.execute(sql);
      }
      assertTimeoutPreemptively(
          Duration.ofSeconds(20),
          () -> {
            try (Destination owner = started(database, "paused")) {
              owner.tableCopied(table);
            }
          });
    }
  }

  private static void assertLost(Runnable call) {
    EtlException failure = catchThrowableOfType(EtlException.class, call::run);
    assertThat(failure).hasMessageContaining("another process");
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
  }

  @Test
  void anotherPipelineCannotHaveTheTable(TestDatabase database) {
    try (Destination first = started(database, "first");
        Destination second = started(database, "second")) {
      first.truncateTable(null, OTHER);
      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> second.truncateTable(null, OTHER));
      assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
      assertThat(failure).hasMessageContaining("pipeline first");
      database.execute(failure.fix().substring(failure.fix().indexOf("DELETE")));
      second.truncateTable(null, OTHER);
    }
  }

  @Test
  void aFirstCopyKeepsRowsOfOthers(TestDatabase database) {
    TableSchema filled = TestTable.named("filled").key("id", TestTable.INT8).build();
    try (Destination destination = started(database, "filled")) {
      database.execute(
          "create schema if not exists takeover; create table takeover.filled as select 1::bigint id");
      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> destination.truncateTable(null, filled));
      assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
      String fix = failure.fix();
      database.execute(fix.substring(fix.indexOf("TRUNCATE"), fix.indexOf(';')));
      destination.truncateTable(null, filled);
    }
  }
}
