package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The role of the destination has settings, and policies of a table concern it. */
@ExtendWith(PostgresExtension.class)
class RoleSettingsIT {
  private static final PgType TEXTS = PgType.base(1009, "_text");
  private static final TableSchema TABLE =
      TestTable.named("settings")
          .key("id", TestTable.INT4)
          .column("a", TestTable.TEXT)
          .column("l", TEXTS)
          .build();

  private static final String ROLE =
      """
      create role pgetl_set login password 'set';
      alter role pgetl_set set array_nulls = off;
      alter role pgetl_set set standard_conforming_strings = off;
      alter role pgetl_set set escape_string_warning = off;
      alter role pgetl_set set backslash_quote = on;
      alter role pgetl_set set statement_timeout = '700ms';
      create schema settings;
      create table settings.settings (id int primary key, a text, l text[]);
      grant create on database %s to pgetl_set;
      grant usage on schema settings to pgetl_set;
      grant select, insert, update, delete, truncate on settings.settings to pgetl_set;
      """;

  private final TestDatabase database;
  private final Destination destination;

  RoleSettingsIT(TestDatabase database) {
    this.database = database;
    drop();
    database.execute(ROLE.formatted(database.name()));
    destination =
        PostgresDestination.builder(
                database.connection().username("pgetl_set").password("set").build(), "set")
            .schema("settings_state")
            .tableNames(name -> new TableName("settings", name.name()))
            .build();
    destination.startup();
  }

  @AfterEach
  void close() {
    destination.close();
    drop();
  }

  private void drop() {
    database.execute(
        "drop schema if exists settings cascade; drop schema if exists settings_state cascade");
    if (!database.query("select from pg_roles where rolname = 'pgetl_set'").isEmpty()) {
      database.execute("drop owned by pgetl_set; drop role pgetl_set");
    }
  }

  private static TableRow a(String id, String text) {
    return row(TABLE, id, text, "{x,NULL,\"NULL\"}");
  }

  @Test
  void valuesAreReadAsTheSourcePrintsThem() {
    destination.truncateTable(null, TABLE);
    var unused = destination.writeTableRows(TABLE, List.of(a("1", "C:\\new")));
    var unusedToo =
        destination.writeEvents(TestTransaction.at(0x100).insert(a("2", "C:\\new")).commit());
    assertThat(
            database.query(
                "select count(*), count(*) filter (where l[2] is null), min(a) from settings.settings"))
        .isEqualTo(List.of(List.of("2", "2", "C:\\new")));
  }

  @Test
  void aDefaultIsAddedAsTheSourcePrintsIt() {
    destination.truncateTable(null, TABLE);
    var unused = destination.writeTableRows(TABLE, List.of(a("1", "x")));
    database.execute("alter table settings.settings owner to pgetl_set");
    database.execute("grant create on schema settings to pgetl_set");
    TableSchema next = withPath();
    var unusedToo =
        destination.writeEvents(
            TestTransaction.at(0x100).insert(row(next, "2", "x", null, "y")).commit());
    assertThat(database.value("select path from settings.settings where id = 1"))
        .isEqualTo("C:\\new");
  }

  private static TableSchema withPath() {
    TableSchema next =
        TestTable.named("settings")
            .version(Lsn.parse("0/90"))
            .key("id", TestTable.INT4)
            .column("a", TestTable.TEXT)
            .column("l", TEXTS)
            .column("path", TestTable.TEXT)
            .build();
    List<ColumnSchema> columns = new java.util.ArrayList<>(next.columns());
    columns.set(3, columns.get(3).toBuilder().defaultExpression("'C:\\new'::text").build());
    return next.toBuilder().columns(columns).build();
  }

  /** A limit of the role is not one of the pipeline, which would retry without end. */
  @Test
  void statementsTakeAsLongAsTheyTake() {
    destination.truncateTable(null, TABLE);
    database.execute(
        """
        create function settings.slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(1.5); return new; end $$;
        create trigger slow before insert on settings.settings
          for each row execute function settings.slow();
        """);
    var unused = destination.writeTableRows(TABLE, List.of(a("1", "x")));
    assertThat(database.value("select count(*) from settings.settings")).isEqualTo("1");
  }

  /** Rows that policies hide are neither changed nor taken for missing. */
  @Test
  void rowsThatPoliciesHideStopTheTable() {
    destination.truncateTable(null, TABLE);
    var unused = destination.writeTableRows(TABLE, List.of(a("1", "x"), a("2", "hidden")));
    database.execute(
        """
        alter table settings.settings enable row level security;
        create policy visible on settings.settings using (a <> 'hidden');
        """);
    EtlException failure =
        catchThrowableOfType(
            EtlException.class,
            () ->
                destination.writeEvents(
                    TestTransaction.at(0x100).delete(a("2", "hidden")).commit()));
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.fix()).contains("BYPASSRLS");
    database.execute("alter role pgetl_set bypassrls");
    var unusedToo =
        destination.writeEvents(TestTransaction.at(0x100).delete(a("2", "hidden")).commit());
    assertThat(database.value("select count(*) from settings.settings")).isEqualTo("1");
  }

  @Test
  void hiddenRowsOfOthersAreNotRemoved() {
    database.execute(
        """
        insert into settings.settings values (9, 'hidden', null);
        alter table settings.settings enable row level security;
        create policy visible on settings.settings using (a <> 'hidden');
        """);
    assertThat(
            catchThrowableOfType(EtlException.class, () -> destination.truncateTable(null, TABLE)))
        .isNotNull();
    assertThat(database.value("select count(*) from settings.settings")).isEqualTo("1");
  }
}
