package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of the destination that are not as the pipeline would create them. */
@ExtendWith(PostgresExtension.class)
class TargetShapesIT {
  private static final PgType NUMERIC = PgType.base(1700, "numeric");
  private static final PgType TIMESTAMP = PgType.base(1114, "timestamp");
  private static final TableSchema BAG =
      TestTable.named("shapes")
          .identity(ReplicaIdentity.FULL)
          .column("n", NUMERIC)
          .column("at", TIMESTAMP)
          .column("v", TestTable.TEXT)
          .build();
  private static final TableSchema KEYED =
      TestTable.named("shapes").key("id", TestTable.INT4).column("v", TestTable.TEXT).build();

  private final TestDatabase database;
  private final Destination destination;

  TargetShapesIT(TestDatabase database) {
    this.database = database;
    this.destination =
        PostgresDestination.builder(database.connectionConfig(), "shapes")
            .schema("shapes_state")
            .tableNames(name -> new TableName("shapes", name.name()))
            .build();
    database.execute(
        "drop schema if exists shapes cascade; drop schema if exists shapes_state cascade;"
            + " create schema shapes");
    destination.startup();
  }

  @AfterEach
  void close() {
    destination.close();
  }

  /** The row of the destination is 1.50, and the event says 1.5. */
  @Test
  void aWholeRowIsFoundAsTheColumnsHaveRoundedIt() {
    database.execute("create table shapes.shapes (n numeric(12,2), at timestamp(0), v varchar(9))");
    destination.truncateTable(null, BAG);
    String at = "2026-01-02 03:04:05.6";
    var unusedRows =
        destination.writeTableRows(
            BAG, List.of(row(BAG, "1.5", at, "x"), row(BAG, "2.5", at, "y")));
    var unused =
        destination.writeEvents(
            TestTransaction.at(0x100)
                .updateFrom(row(BAG, "1.5", at, "x"), row(BAG, "1.5", at, "new"))
                .delete(row(BAG, "2.5", at, "y"))
                .commit());
    assertThat(database.query("select n, v from shapes.shapes"))
        .isEqualTo(List.of(List.of("1.50", "new")));
  }

  /** Its rows are gone after a crash of the server, and the stored keys are not. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "create unlogged table shapes.shapes (id int primary key, v text)",
        "create table shapes.shapes (id int primary key, v text) partition by range (id);"
            + " create unlogged table shapes.part partition of shapes.shapes default"
      })
  void aTableThatDoesNotSurviveACrashIsRefused(String sql) {
    database.execute(sql);
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> destination.truncateTable(null, KEYED));
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.fix()).contains("SET LOGGED");
    assertThat(failure.tableOid()).hasValue(KEYED.id().oid());
    String fix = failure.fix();
    database.execute(fix.substring(fix.indexOf("ALTER"), fix.indexOf("; then")));
    destination.truncateTable(null, KEYED);
  }

  /** Its key is of a table that had the name before. */
  @Test
  void theStatementsOfARefusalCanBeRunThoughAColumnOfTheKeyIsGone() {
    database.execute("create table shapes.shapes (old int primary key)");
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> destination.truncateTable(null, KEYED));
    String fix = failure.fix();
    database.execute(fix.substring(fix.indexOf("alter"), fix.indexOf("; then")));
    destination.truncateTable(null, KEYED);
    var unused = destination.writeTableRows(KEYED, List.of(row(KEYED, "1", "x")));
    assertThat(database.query("select old, id, v from shapes.shapes"))
        .isEqualTo(List.of(Arrays.asList(null, "1", "x")));
  }

  /** The texts of a row that fits into a page need not fit. */
  @Test
  void tablesMayHaveAsManyColumnsAsPostgresAllows() {
    TestTable columns = TestTable.named("shapes").key("id", TestTable.INT4);
    IntStream.range(1, 1600).forEach(i -> columns.column("c" + i, TestTable.INT4));
    TableSchema wide = columns.build();
    destination.truncateTable(null, wide);
    TestTransaction changes = TestTransaction.at(0x100);
    IntStream.range(1, 30).forEach(id -> changes.insert(wide(wide, id, "100000000")));
    IntStream.range(1, 30).forEach(id -> changes.update(wide(wide, id, "200000000")));
    var unused = destination.writeEvents(changes.commit());
    TestTransaction more = TestTransaction.at(0x200);
    IntStream.range(1, 30).forEach(id -> more.update(wide(wide, id, "300000000")));
    var unusedToo = destination.writeEvents(more.commit());
    assertThat(database.value("select sum(c1599) from shapes.shapes")).isEqualTo("8700000000");
  }

  private static TableRow wide(TableSchema table, int id, String value) {
    String[] values = new String[table.columnCount()];
    Arrays.fill(values, value);
    values[0] = "" + id;
    return row(table, values);
  }

  /** The number of such a type differs from version to version. */
  @Test
  void typesOfTheInformationSchemaAreFoundByName() {
    PgType name =
        new PgType(
            13_000,
            "information_schema",
            "sql_identifier",
            PgType.Kind.DOMAIN,
            PgType.base(19, "name"),
            ',',
            List.of());
    destination.truncateTable(
        null, TestTable.named("shapes").key("id", TestTable.INT4).column("v", name).build());
    assertThat(
            database.value(
                "select atttypid::regtype from pg_attribute"
                    + " where attrelid = 'shapes.shapes'::regclass and attname = 'v'"))
        .isEqualTo("information_schema.sql_identifier");
  }

  /** Each of the two statements changes as many rows as there are keys, but not one of each. */
  @Test
  void aDeletedKeyThatIsMissingDoesNotHideOneThatIsThereTwice() {
    database.execute("create table shapes.shapes (id int, v text)");
    destination.truncateTable(null, KEYED);
    database.execute("insert into shapes.shapes values (1, 'a'), (1, 'b'), (3, 'c')");
    assertThat(
            catchThrowableOfType(
                EtlException.class,
                () ->
                    destination.writeEvents(
                        TestTransaction.at(0x100)
                            .delete(row(KEYED, "1", ABSENT))
                            .delete(row(KEYED, "2", ABSENT))
                            .commit())))
        .hasMessageContaining("has 2 rows of one key");
  }
}
