package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the source is found to be, and what is said of it. */
class SourceAdviceIT {
  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source = open(database);
  private final LogRecorder log = new LogRecorder();

  private static SourceDatabase open(TestDatabase database) {
    return new SourceDatabase(database.connectionConfig(), "it", Platform.jvm());
  }

  @AfterEach
  void close() {
    log.stop();
    source.close();
    database.close();
  }

  @Test
  void aSlotOfAnotherDatabaseIsNotOffered() {
    try (TestDatabase other = TestPostgres.shared().createDatabase();
        SourceDatabase first = open(other)) {
      String slot = "advice_" + ProcessHandle.current().pid();
      first.createSlot(slot);
      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> source.createSlot(slot));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_IN_USE);
      assertThat(failure)
          .hasMessageContaining("database \"" + other.name() + "\"")
          .hasMessageNotContaining("pg_drop_replication_slot");
      first.dropSlot(slot);
    }
  }

  /** A pooler may be told to ignore what a connection is for; this one is not for replication. */
  @Test
  void aPoolerThatIgnoresReplicationIsFoundOut() {
    try (Session session = source.openCopy("test")) {
      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> SourceFacts.of(session));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
      assertThat(failure).hasMessageContaining("pooler");
      assertThat(failure.fix()).contains("Connect to the server itself");
    }
  }

  @Test
  void aPreparedTransactionThatLocksATableIsNamed() throws SQLException {
    database.execute("create table t(id int primary key)");
    TableId table = new TableId(Long.parseLong(database.value("select 't'::regclass::oid")));
    try (Connection connection = database.connect();
        Statement sql = connection.createStatement()) {
      connection.setAutoCommit(false);
      sql.execute("lock table t in access exclusive mode");
      sql.execute("prepare transaction 'advice'");
      connection.commit();
    }
    try {
      assertThat(source.lockHolders(table)).contains("prepared transaction \"advice\"");
    } finally {
      database.execute("rollback prepared 'advice'");
    }
  }

  /** The server refuses updates of the application, not only of this library. */
  @Test
  void publicationsThatStopUpdatesOfTheirTablesAreReported() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    database.execute(
        """
        create table fine(id int primary key, v text);
        create table keyless(id int);
        create table part(a int, b int, v text, primary key (a, b));
        create table whole(id int primary key, v text); alter table whole replica identity full;
        create table filtered(id int primary key, v text);
        create table root(id int, v text) partition by range (id);
        create table leaf partition of root for values from (0) to (10);
        create publication pub for table fine (id) where (id > 3), keyless, part (a, v), whole (id, v), filtered where (v > 'm'), root
          with (publish_via_partition_root = true);
        """);
    log.start();
    source.check("pub", "no_slot", 0, false);
    assertThat(log.lines("refuses updates and deletes"))
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).contains("table public.keyless has no usable"),
            line -> assertThat(line).contains("table public.root has no usable"),
            line -> assertThat(line).contains("table public.part does not publish all"),
            line -> assertThat(line).contains("table public.whole does not publish all"),
            line -> assertThat(line).contains("table public.filtered has a row filter"));
    for (String refused : List.of("keyless set id = 1", "part set v = ''", "whole set v = ''")) {
      assertThat(
              catchThrowableOfType(
                  RuntimeException.class, () -> database.execute("update " + refused)))
          .isNotNull();
    }
    database.execute("update fine set v = ''");
  }

  @Test
  void aPartOfAKeyIsNoKey() throws SQLException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    database.execute(
        """
        create table t(a int, b int, v text, primary key (a, b));
        create publication part for table t (a, v) with (publish = 'insert');
        create publication pub for table t;
        """);
    assertThat(schema("part").primaryKey()).isEmpty();
    assertThat(completed(schema("part")).primaryKey()).isEmpty();
    assertThat(schema("pub").primaryKey()).extracting(ColumnSchema::name).containsExactly("a", "b");
    assertThat(completed(schema("pub")).primaryKey()).hasSize(2);
  }

  private TableSchema completed(TableSchema seen) {
    TableFacts facts =
        Objects.requireNonNull(source.catalog().facts(seen, Set.of()).get(seen.id()));
    return facts.complete(seen, null, facts.read().nextXid());
  }

  private TableSchema schema(String publication) throws SQLException {
    try (Session session = source.openCopy("test")) {
      return source
          .catalog()
          .schema(session.jdbc(), source.publishedTables(publication).get(0), Lsn.ZERO);
    }
  }

  /** Copy and stream, whatever the role has; on any server, as these three are everywhere. */
  @Test
  void moneyIsThatOfTheDatabase() throws SQLException {
    String role = "money_" + ProcessHandle.current().pid();
    database.execute(
        """
        create role %1$s login replication password 'x'; alter role %1$s set lc_monetary = 'POSIX';
        create table t(id int primary key, v money); create publication pub for table t;
        """
            .formatted(role));
    PgConnectionConfig config = database.connection().username(role).password("x").build();
    try {
      log.start();
      try (SourceDatabase own = new SourceDatabase(config, "it", Platform.jvm())) {
        own.check("pub", "no_slot", 0, false);
        assertThat(log.lines("lc_monetary of its own")).hasSize(1);
      }
      database.execute("alter database %s set lc_monetary = 'C.utf8'".formatted(database.name()));
      try (SourceDatabase own = new SourceDatabase(config, "it", Platform.jvm());
          Session copy = own.openCopy("test")) {
        assertThat(Sql.first(copy.jdbc(), "SHOW lc_monetary", row -> row.getString(1)))
            .hasValue("C.utf8");
        own.check("pub", "no_slot", 0, false);
        assertThat(log.lines("lc_monetary of its own")).hasSize(1);
      }
    } finally {
      database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
    }
  }

  @Test
  void timesOfAnyLengthCanBeWaited() throws SQLException {
    PgConnectionConfig config =
        database
            .connection()
            .walSenderTimeout(Duration.ofDays(300))
            .lockTimeout(Duration.ofDays(30))
            .build();
    try (SourceDatabase patient = new SourceDatabase(config, "it", Platform.jvm())) {
      assertThat(patient.facts().currentWal()).isGreaterThan(Lsn.ZERO);
      try (Session session = patient.openCopy("test")) {
        session.expectAnswers();
      }
      patient.dropSlot("no_slot");
    }
  }
}
