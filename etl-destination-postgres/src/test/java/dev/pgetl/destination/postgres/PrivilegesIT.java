package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The privileges of docs/postgres-destination.md are enough, and without one the fix names it. */
@ExtendWith(PostgresExtension.class)
class PrivilegesIT {
  private static final String STATE = "privilege_state";
  private static final String ROLE = "pgetl_least";
  private static final TableSchema TABLE =
      TestTable.named("orders").key("id", TestTable.INT4).column("a", TestTable.TEXT).build();

  /** What an administrator does who lets the role create nothing. */
  private static final String GRANTS =
      """
      create role pgetl_least login password 'least';
      grant usage on schema privilege_state to pgetl_least;
      grant select, insert, update, delete on all tables in schema privilege_state to pgetl_least;
      create schema shop;
      create table shop.orders (id int primary key, a text);
      grant usage on schema shop to pgetl_least;
      grant select, insert, update, delete, truncate on shop.orders to pgetl_least;
      """;

  private final TestDatabase database;
  private final Destination destination;

  PrivilegesIT(TestDatabase database) {
    this.database = database;
    drop();
    database.execute(PostgresDestination.ddl(STATE));
    database.execute(GRANTS);
    destination = destination();
  }

  private Destination destination() {
    return PostgresDestination.builder(
            database.connection().username(ROLE).password("least").build(), "least")
        .schema(STATE)
        .tableNames(name -> new TableName("shop", name.name()))
        .build();
  }

  @AfterEach
  void close() {
    destination.close();
    drop();
  }

  private void drop() {
    database.execute(
        "drop schema if exists shop cascade; drop schema if exists " + STATE + " cascade");
    if (!database.query("select from pg_roles where rolname = 'pgetl_least'").isEmpty()) {
      database.execute("drop owned by pgetl_least; drop role pgetl_least");
    }
  }

  @Test
  void theDocumentedPrivilegesAreEnough() {
    destination.startup();
    destination.truncateTable(null, TABLE);
    var unusedCopy = destination.writeTableRows(TABLE, List.of(row(TABLE, "0", "copied")));
    assertThat(destination.removeRange(TABLE, new KeyRange("id", "1", null))).isTrue();
    destination.tableCopied(TABLE);
    TestTransaction changes = TestTransaction.at(0x100);
    IntStream.rangeClosed(1, 50).forEach(id -> changes.insert(row(TABLE, "" + id, "a")));
    var unusedInsert = destination.writeEvents(changes.commit());
    TestTransaction more = TestTransaction.at(0x200);
    IntStream.rangeClosed(1, 50).forEach(id -> more.update(row(TABLE, "" + id, "b")));
    var unusedUpdate = destination.writeEvents(more.delete(row(TABLE, "0", ABSENT)).commit());
    assertThat(destination.beginReplacement(TABLE, TABLE)).as("another role owns it").isFalse();
    assertThat(database.value("select count(*) from shop.orders where a = 'b'")).isEqualTo("50");
  }

  /** A row that the role does not see would never be deleted. */
  @Test
  void rowsThatRowLevelSecurityHidesAreNotLeftBehind() {
    destination.startup();
    destination.truncateTable(null, TABLE);
    var unusedCopy =
        destination.writeTableRows(TABLE, List.of(row(TABLE, "1", "x"), row(TABLE, "2", "y")));
    destination.tableCopied(TABLE);
    database.execute(
        """
        alter table shop.orders enable row level security;
        create policy visible on shop.orders using (id > 1) with check (true);
        """);
    List<Event> delete = TestTransaction.at(0x100).delete(row(TABLE, "1", ABSENT)).commit();
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> destination.writeEvents(delete));
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.fix()).contains("BYPASSRLS");

    database.execute("alter role pgetl_least bypassrls");
    destination.close();
    try (Destination again = destination()) {
      again.startup();
      var unusedDelete = again.writeEvents(delete);
    }
    assertThat(database.query("select id from shop.orders")).hasSize(1);
  }

  @Test
  void aMissingPrivilegeIsNamed() {
    destination.startup();
    destination.truncateTable(null, TABLE);
    database.execute("revoke insert on shop.orders from pgetl_least");
    EtlException failure =
        catchThrowableOfType(
            EtlException.class,
            () -> destination.writeTableRows(TABLE, List.of(row(TABLE, "1", "x"))));
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.fix()).contains("GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON");
    database.execute(
        "grant select, insert, update, delete, truncate on shop.orders to pgetl_least");
    var unusedCopy = destination.writeTableRows(TABLE, List.of(row(TABLE, "1", "x")));
    assertThat(database.value("select count(*) from shop.orders")).isEqualTo("1");
  }

  /** The sequence of another role's table stays as it is: rows bring their values. */
  @Test
  void aTruncationThatRestartsSequencesNeedsNoOwner() {
    destination.startup();
    database.execute("alter table shop.orders alter id add generated by default as identity");
    destination.truncateTable(null, TABLE);
    var unusedCopy = destination.writeTableRows(TABLE, List.of(row(TABLE, "1", "x")));
    TestTransaction changes = TestTransaction.at(0x100);
    var unusedEvents =
        destination.writeEvents(
            changes.truncate(TABLE).commit().stream()
                .map(PrivilegesIT::restartingSequences)
                .toList());
    assertThat(database.value("select count(*) from shop.orders")).isEqualTo("0");
  }

  private static Event restartingSequences(Event event) {
    return event instanceof Event.Truncate truncate
        ? new Event.Truncate(
            truncate.transaction(), truncate.txOrdinal(), truncate.tables(), false, true)
        : event;
  }
}
