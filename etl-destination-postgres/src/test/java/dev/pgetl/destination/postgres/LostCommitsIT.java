package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A server that lacks commits takes the place of the one that has acknowledged them: a standby that
 * lagged behind, or a backup. Here the database is set back to what a copy of its tables has.
 */
@ExtendWith(PostgresExtension.class)
class LostCommitsIT {
  private static final TableSchema BAG = bag("bag");
  private static final TableSchema QUIET = bag("quiet");

  private static final String SAVE =
      """
      create schema saved;
      create table saved.bag as table lost.bag;
      create table saved.target as table lost_state.target;
      create table saved.pipeline as table lost_state.pipeline;
      """;

  private static final String SET_BACK =
      """
      begin;
      truncate lost.bag;
      insert into lost.bag table saved.bag;
      truncate lost_state.pipeline cascade;
      insert into lost_state.pipeline table saved.pipeline;
      insert into lost_state.target table saved.target;
      commit;
      """;

  private final TestDatabase database;
  private Destination destination;

  LostCommitsIT(TestDatabase database) {
    this.database = database;
    database.execute(
        "drop schema if exists lost cascade; drop schema if exists lost_state cascade;"
            + " drop schema if exists saved cascade");
    destination = start();
    copy(BAG);
    copy(QUIET);
    insert(BAG, 0x100, "a");
  }

  private static TableSchema bag(String name) {
    return TestTable.named(name)
        .identity(ReplicaIdentity.NOTHING)
        .column("text", TestTable.TEXT)
        .build();
  }

  private Destination start() {
    Destination next =
        PostgresDestination.builder(database.connectionConfig(), "lost")
            .schema("lost_state")
            .tableNames(name -> new TableName("lost", name.name()))
            .build();
    next.startup();
    next.tablesPublished(List.of());
    return next;
  }

  @AfterEach
  void close() {
    destination.close();
  }

  private void copy(TableSchema table) {
    destination.truncateTable(null, table);
    write(table, "copied");
    destination.tableCopied(table);
  }

  private void write(TableSchema table, String text) {
    var unused = destination.writeTableRows(table, List.of(row(table, text)));
  }

  private void insert(TableSchema table, long lsn, String text) {
    var unused = destination.writeEvents(TestTransaction.at(lsn).insert(row(table, text)).commit());
  }

  private static void assertNamed(EtlException failure, TableSchema table) {
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.tableOid()).hasValue(table.id().oid());
    assertThat(failure.fix()).contains("resync the table");
  }

  @Test
  void eventsThatAreMissingStopTheTableUntilItIsCopiedAgain() {
    database.execute(SAVE);
    insert(BAG, 0x200, "lost");
    database.execute(SET_BACK);
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> insert(BAG, 0x300, "after"));
    assertNamed(failure, BAG);
    insert(QUIET, 0x300, "after");
    copy(BAG);
    insert(BAG, 0x400, "again");
    assertThat(database.query("select text from lost.bag order by 1"))
        .isEqualTo(List.of(List.of("again"), List.of("copied")));
  }

  @Test
  void rowsOfACopyThatAreMissingStopIt() {
    destination.truncateTable(BAG, BAG);
    database.execute(SAVE);
    write(BAG, "lost");
    database.execute(SET_BACK);
    assertNamed(catchThrowableOfType(EtlException.class, () -> write(BAG, "more")), BAG);
    assertNamed(catchThrowableOfType(EtlException.class, () -> destination.tableCopied(BAG)), BAG);
  }

  @Test
  void aTruncationThatIsMissingStopsTheCopy() {
    database.execute(SAVE);
    destination.truncateTable(BAG, BAG);
    database.execute(SET_BACK);
    assertNamed(catchThrowableOfType(EtlException.class, () -> write(BAG, "twice")), BAG);
  }

  @Test
  void aStateThatIsRemovedStopsTheTable() {
    database.execute("delete from lost_state.target where table_name = 'bag'");
    assertNamed(catchThrowableOfType(EtlException.class, () -> insert(BAG, 0x300, "after")), BAG);
  }

  /** Only another process, or an older state, has another epoch. */
  @Test
  void anEpochThatIsMissingIsNotTakenForAnotherProcess() {
    database.execute(SAVE);
    destination.close();
    destination = start();
    database.execute(SET_BACK);
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> insert(BAG, 0x300, "after"));
    assertThat(failure.getMessage()).contains("earlier moment");
    assertThat(failure.fix()).contains("resync all tables");
    destination.close();
    destination = start();
    copy(BAG);
    copy(QUIET);
    insert(BAG, 0x400, "again");
    assertThat(database.query("select text from lost.bag order by 1"))
        .isEqualTo(List.of(List.of("again"), List.of("copied")));
  }
}
