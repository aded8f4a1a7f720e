package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tables that had one name, or one OID, at different times. */
@ExtendWith(PostgresExtension.class)
class SameNamesIT {
  private static final TableSchema FIRST = table("a", 100);
  private static final TableSchema SECOND = table("a", 200);

  private final TestDatabase database;
  private final Destination destination;

  SameNamesIT(TestDatabase database) {
    this.database = database;
    this.destination =
        PostgresDestination.builder(database.connectionConfig(), "names")
            .schema("names_state")
            .tableNames(name -> new TableName("names", name.name()))
            .build();
  }

  private static TableSchema table(String name, long oid) {
    return TestTable.named(name).id(oid).key("id", TestTable.INT8).build();
  }

  @BeforeEach
  void start() {
    database.execute(
        "drop schema if exists names cascade; drop schema if exists names_state cascade");
    destination.startup();
  }

  @AfterEach
  void close() {
    destination.close();
  }

  private void copied(TableSchema table) {
    destination.truncateTable(null, table);
    var unused = destination.writeTableRows(table, List.of(row(table, "1")));
    destination.tableCopied(table);
  }

  /** It was created and renamed after the start, and another one has its earlier name. */
  @Test
  void aTableThatIsWrittenKeepsItsPlace() {
    destination.tablesPublished(List.of());
    copied(FIRST);
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> destination.truncateTable(null, SECOND));
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(database.value("select id from names.a")).isEqualTo("1");
  }

  @Test
  void aTableThatIsGoneGivesWay() {
    destination.tablesPublished(List.of(new NamedTable(FIRST.id(), FIRST.name(), Set.of())));
    copied(FIRST);
    destination.tablesPublished(List.of(new NamedTable(SECOND.id(), SECOND.name(), Set.of())));
    copied(SECOND);
    assertThat(database.query("select source_oid from names_state.target"))
        .isEqualTo(List.of(List.of("200")));
  }

  /** The store is lost, and on another server the OID is that of another table. */
  @Test
  void theOidOfAnotherServerIsNoProof() {
    TableSchema other = table("b", 100);
    destination.tablesPublished(List.of());
    copied(FIRST);
    assertThat(destination.beginReplacement(null, other)).isFalse();
    copied(other);
    assertThat(database.value("select id from names.b")).isEqualTo("1");
    assertThat(database.value("select id from names.a")).isEqualTo("1");
  }

  @Test
  void whatWasKeptAsideMayBeLeftOverOrMissing() {
    TableSchema next = next(TestTable.INT8);
    copied(FIRST);
    assertThat(destination.beginReplacement(FIRST, next)).isTrue();
    database.execute("update names_state.target set (aside_table, aside_version) = (null, null)");
    assertThat(destination.beginReplacement(FIRST, next)).as("left over").isTrue();
    String aside = database.value("select aside_table from names_state.target");
    database.execute("drop table names." + aside);
    assertThat(destination.continueReplacement(next)).as("missing").isFalse();
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> destination.tableCopied(next));
    assertThat(failure).hasMessageContaining("is missing");
    assertThat(database.value("select id from names.a")).isEqualTo("1");
  }

  /** The statements of the failure can be run. */
  @Test
  void aRefusalNamesTheTableThatReadersFind() {
    TableSchema next = next(TestTable.TEXT);
    copied(FIRST);
    assertThat(destination.beginReplacement(FIRST, next)).isFalse();
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> destination.truncateTable(FIRST, next));
    assertThat(failure.fix()).contains("alter table \"names\".\"a\" alter column \"id\" type text");
  }

  private static TableSchema next(PgType type) {
    return TestTable.named("a").id(100).version(Lsn.parse("0/900")).key("id", type).build();
  }
}
