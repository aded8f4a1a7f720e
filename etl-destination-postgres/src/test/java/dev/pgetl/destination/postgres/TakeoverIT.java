package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
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

  private static Destination started(TestDatabase database, String pipeline) {
    Destination destination =
        PostgresDestination.builder(database.connectionConfig(), pipeline)
            .tableNames(name -> new TableName("takeover", name.name()))
            .build();
    destination.startup();
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
