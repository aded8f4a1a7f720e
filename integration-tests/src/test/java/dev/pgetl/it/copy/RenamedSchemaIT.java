package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.ReadBy;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.NameCheck;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.copy.SnapshotCopier;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A copy names its table in every command, and renaming a schema waits for no lock on its tables.
 */
class RenamedSchemaIT {
  private static final String SWAP =
      "alter schema app rename to app_old; alter schema app_next rename to app;";

  private static final String TWO_SCHEMAS =
      """
      create schema app; create schema app_next;
      create table app.t(id int primary key, v text not null); create table app_next.t(id int primary key, v text not null);
      insert into app.t values (1, 'blue'); insert into app_next.t values (1, 'green');
      create publication pub for table app.t;
      """;

  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source =
      new SourceDatabase(database.connectionConfig(), "it", Platform.jvm());

  @AfterEach
  void close() {
    source.close();
    database.close();
  }

  @Test
  void noRowOfATableThatTookTheNameIsHandedOver() {
    database.execute(TWO_SCHEMAS);
    try (TableCopy copy = begin()) {
      database.execute(SWAP);
      List<String> rows = new ArrayList<>();
      assertBusy(failure(copy, rows));
      assertThat(rows).isEmpty();
    }
  }

  @Test
  void aNameThatLeadsNowhereFailsTheCopy() {
    database.execute(TWO_SCHEMAS);
    try (TableCopy copy = begin()) {
      database.execute("alter schema app rename to app_old");
      assertBusy(failure(copy, new ArrayList<>()));
    }
  }

  @Test
  void leavesAreCheckedToo() {
    database.execute(
        """
        create schema app; create schema app_next;
        create table p(id int primary key) partition by range (id);
        create table app.l partition of p for values from (0) to (10);
        create table app_next.l partition of p for values from (10) to (20);
        insert into p values (1), (11), (12);
        create publication pub for table p with (publish_via_partition_root = true);
        """);
    try (TableCopy copy = begin()) {
      database.execute(SWAP);
      assertBusy(failure(copy, new ArrayList<>()));
    }
  }

  /** No name shows it any more: the lock on what was read does. */
  @Test
  void aNameThatLedElsewhereForAMomentIsNoticed() throws SQLException {
    database.execute(TWO_SCHEMAS + "create index late on app.t(v)");
    PublishedTable table = source.publishedTables("pub").get(0);
    try (Session session = source.openCopy("test")) {
      Sql.run(session.jdbc(), "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      Sql.run(session.jdbc(), "LOCK TABLE app.t IN ACCESS SHARE MODE");
      assertThat(Sql.first(session.jdbc(), "SELECT v FROM app.t", row -> row.getString(1)))
          .hasValue("blue");
      NameCheck names = new NameCheck(session, table.id(), table.name());
      assertThatCode(names::requireNoOther).doesNotThrowAnyException();
      database.execute(SWAP);
      assertThat(Sql.first(session.jdbc(), "SELECT v FROM app.t", row -> row.getString(1)))
          .hasValue("green");
      database.execute("alter schema app rename to app_next; alter schema app_old rename to app");
      assertThatCode(() -> names.require(table.id(), new TableName("app", "t")))
          .doesNotThrowAnyException();
      EtlException failure = catchThrowableOfType(EtlException.class, names::requireNoOther);
      assertBusy(failure);
      assertThat(failure).hasMessageContaining("app_next.t");
    }
  }

  /** The copy starts over, and what it delivers is the table's own. */
  @Test
  void aPipelineStartsTheCopyOver() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                TWO_SCHEMAS
                    + """
                    insert into app.t select i, 'blue ' || repeat('x', 1000) from generate_series(2, 40000) i;
                    insert into app_next.t select i, 'green ' || repeat('y', 1000) from generate_series(2, 40000) i;
                    """)
            .options(options -> options.maxCopyConnectionsPerTable(2))) {
      Hold hold = scenario.destination().on(Operation.ROWS).once().hold();
      scenario.start();
      hold.awaitReached();
      scenario.source().execute(SWAP);
      hold.release();
      scenario.awaitReady().awaitApplied();
      List<TableRow> rows =
          scenario.destination().tables().stream()
              .flatMap(table -> scenario.destination().copiedRows(table).stream())
              .toList();
      assertThat(rows)
          .hasSize(40_000)
          .allMatch(row -> String.valueOf(row.text("v")).startsWith("blue"));
    }
  }

  private TableCopy begin() {
    return new SnapshotCopier(source)
        .begin(
            new TableCopier.Request(
                source.publishedTables("pub").get(0),
                "copy_slot",
                1,
                ValueFormat.TEXT,
                ReadBy.AUTO,
                "",
                false,
                null));
  }

  private static EtlException failure(TableCopy copy, List<String> rows) {
    return catchThrowableOfType(
        EtlException.class, () -> copy.workers().get(0).run((row, bytes) -> rows.add(row.text(0))));
  }

  private static void assertBusy(EtlException failure) {
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_BUSY);
    assertThat(failure).hasMessageContaining("renamed");
  }
}
