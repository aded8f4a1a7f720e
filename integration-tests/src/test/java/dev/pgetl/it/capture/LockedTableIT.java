package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.config.ReadBy;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.internal.copy.SnapshotCopier;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Somebody holds published tables for himself, as a migration or {@code VACUUM FULL} does: no
 * question about the catalogue waits for him, and a copy that does says for whom.
 */
class LockedTableIT {
  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source =
      new SourceDatabase(
          database.connection().lockTimeout(Duration.ofMillis(200)).build(), "it", Platform.jvm());
  private Connection migration;

  @BeforeEach
  void lock() throws SQLException {
    database.execute(
        """
        create table plain(id int primary key, v text default 'x');
        create table p(id int, k int default 7, primary key (id, k)) partition by range (k);
        create table p1 partition of p for values from (0) to (10);
        create table p2 partition of p for values from (10) to (20) partition by range (k);
        create table p2a partition of p2 for values from (10) to (20);
        create table filtered(id int primary key);
        create table free(id int primary key);
        create publication root for table plain, p, filtered, free with (publish_via_partition_root = true);
        create publication leaves for table plain, p, free;
        """);
    migration = database.connect();
    migration.setAutoCommit(false);
    if (TestPostgres.shared().majorVersion() >= 15) {
      database.execute("alter publication root set table plain, p, filtered where (id > 1), free");
    }
    try (Statement sql = migration.createStatement()) {
      sql.execute("set application_name = 'migration'");
      sql.execute("lock table plain, p, filtered in access exclusive mode");
    }
  }

  @AfterEach
  void close() throws SQLException {
    migration.rollback();
    migration.close();
    source.close();
    database.close();
  }

  @Test
  void theListOfTablesIsRead() {
    assertThat(source.publishedTables("root"))
        .extracting(table -> table.name().name())
        .containsExactly("filtered", "free", "p", "plain");
    assertThat(source.publishedTables("leaves"))
        .extracting(table -> table.name().name())
        .containsExactly("free", "p1", "p2a", "plain");
    PublishedTable root = published("p");
    assertThat(source.publishedTable("root", root.id(), root.name())).isEqualTo(root);
    assertThat(source.catalog().partitions(List.of(root.id())).values())
        .flatExtracting(Map::values)
        .extracting(TableName::name)
        .containsExactlyInAnyOrder("p1", "p2a");
    assertThatCode(() -> source.check("root", "s", 1, false)).doesNotThrowAnyException();
  }

  @Test
  void whatTheStreamAsksIsAnswered() {
    TableSchema seen =
        TableSchema.builder(id("plain"), new TableName("public", "plain"))
            .snapshotLsn(new Lsn(1))
            .columns(
                List.of(
                    ColumnSchema.of("id", BuiltinTypes.named("int4")),
                    ColumnSchema.of("v", BuiltinTypes.named("text"))))
            .build();
    Set<TableId> others = Set.of(id("p"), id("p1"), id("filtered"), id("free"));
    assertThat(source.catalog().facts(seen, others)).hasSize(5);
    TableFacts facts =
        Objects.requireNonNull(source.catalog().facts(seen, Set.of()).get(seen.id()));
    assertThat(facts.complete(seen, null, 3).column(1).defaultExpression()).isEqualTo("'x'::text");
  }

  /** Making a slot waits for every transaction that has locked something so. */
  @Test
  void whoIsInTheWayIsNamed() {
    for (String table : List.of("plain", "p", "filtered", "free")) {
      PublishedTable waiting = published(table);
      EtlException failure =
          catchThrowableOfType(
              EtlException.class,
              () ->
                  new SnapshotCopier(source)
                      .begin(
                          new TableCopier.Request(
                              waiting, "s", 1, ValueFormat.TEXT, ReadBy.AUTO, "", false, null)));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_BUSY);
      assertThat(failure).hasMessageContaining("\"migration\"");
    }
  }

  @Test
  void onlyTheTextOfARowFilterWaits() throws SQLException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    PublishedTable filtered = published("filtered");
    assertThat(filtered.scope().rowFilter()).isNotEmpty();
    assertThat(published("free").scope().rowFilter()).isEmpty();
    migration.rollback();
    try (Connection connection = database.connect()) {
      assertThat(source.rowFilter(connection, filtered)).isEqualTo("(id > 1)");
      assertThat(source.rowFilter(connection, published("free"))).isEmpty();
    }
  }

  private PublishedTable published(String table) {
    return source.publishedTable("root", id(table), new TableName("public", table));
  }

  private TableId id(String table) {
    return new TableId(
        Long.parseLong(
            database.value("select oid::text from pg_class where relname = '" + table + "'")));
  }
}
