package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.SnapshotCopier;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The copy of one table under the snapshot of its slot. */
class TableCopyIT {
  private static final String SLOT = "copy_slot";

  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source = open(database.connection());

  private static SourceDatabase open(PgConnectionConfig.Builder config) {
    return new SourceDatabase(
        config.lockTimeout(Duration.ofSeconds(2)).build(), "it", Platform.jvm());
  }

  @AfterEach
  void close() {
    source.close();
    database.close();
  }

  @Test
  void copiesTheRowsOfTheSnapshotAndTheirShape() throws Exception {
    database.execute(
        """
        create table t(id int primary key, v text not null default 'x', g int generated always as (id * 2) stored);
        insert into t values (1, 'a'), (2, E'tab\\tand\\nline \\\\N'), (3, '');
        create publication pub for table t;
        """);
    try (TableCopy copy = begin("t", 4)) {
      database.execute(
          "insert into t values (4, 'later'); update t set v = 'changed' where id = 1");
      assertThat(copy.schema().columns()).extracting(ColumnSchema::name).containsExactly("id", "v");
      assertThat(copy.schema().snapshotLsn()).isEqualTo(copy.consistentPoint());
      assertThat(copy.schema().column(0).primaryKeyOrdinal()).isEqualTo(1);
      assertThat(copy.schema().column(0).inReplicaIdentity()).isTrue();
      assertThat(copy.schema().column(1).inReplicaIdentity()).isFalse();
      assertThat(copy.schema().column(1).defaultExpression()).isEqualTo("'x'::text");
      assertThat(copy.workers()).hasSize(1);
      assertThat(rows(copy))
          .containsExactlyInAnyOrder(
              List.of("1", "a"), List.of("2", "tab\tand\nline \\N"), List.of("3", ""));
    }
    assertThat(source.slot(SLOT).orElseThrow().confirmedFlush()).isNotNull();
    // The server ends the transaction of a client that has said good-bye in its own time.
    await()
        .until(
            () -> database.value("select count(*) from pg_locks where relation = 't'::regclass"),
            "0"::equals);
  }

  @Test
  void copiesALargeTableOverSeveralConnections() throws Exception {
    database.execute(
        """
        create table t(id int primary key, v text);
        insert into t select g, repeat('x', 500) from generate_series(1, 60000) g;
        analyze t;
        create publication pub for table t;
        """);
    try (TableCopy copy = begin("t", 4)) {
      database.execute("delete from t where id % 2 = 0; insert into t values (-1, 'later')");
      assertThat(copy.workers()).hasSize(4);
      assertThat(copy.estimatedRows()).isBetween(50_000L, 70_000L);
      List<List<@Nullable String>> rows = rows(copy);
      assertThat(rows).hasSize(60_000);
      assertThat(rows.stream().map(row -> Integer.parseInt(row.get(0))).collect(Collectors.toSet()))
          .isEqualTo(IntStream.rangeClosed(1, 60_000).boxed().collect(Collectors.toSet()));
    }
  }

  @Test
  void aLostConnectionIsNotTakenForAnotherServer() {
    database.execute("create table t(id int primary key); create publication pub for table t");
    Thread copying = Thread.currentThread();
    Failpoint.install(
        reached -> {
          if (reached == Failpoint.BEFORE_SNAPSHOT_IMPORTED
              && Thread.currentThread().equals(copying)) {
            endExporter();
          }
        });
    try {
      EtlException failure = catchThrowableOfType(EtlException.class, () -> begin("t", 1));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
    } finally {
      Failpoint.install(null);
    }
    assertThat(source.slot(SLOT)).isEmpty();
  }

  private void endExporter() {
    String exporters =
        " from pg_stat_activity where datname = current_database() and backend_type = 'walsender'";
    database.value("select pg_terminate_backend(pid)" + exporters);
    await().until(() -> database.value("select count(*)" + exporters), "0"::equals);
  }

  @Test
  void appliesColumnListAndRowFilter() throws Exception {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    database.execute(
        """
        create table t(id int primary key, secret text, age int);
        insert into t select g, 'secret', g from generate_series(1, 100) g;
        insert into t values (0, 'secret', null);
        create publication pub for table t (id, age) where (id > 90 or id = 5);
        """);
    try (TableCopy copy = begin("t", 4)) {
      assertThat(rows(copy)).hasSize(11).allSatisfy(row -> assertThat(row).hasSize(2));
    }
  }

  @Test
  void appliesTheRowFilterToEveryRange() throws Exception {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    database.execute(
        """
        create table t(id int primary key, v text); alter table t replica identity full;
        insert into t select g, repeat('x', 500) from generate_series(1, 40000) g;
        create publication pub for table t where (id % 10 = 0 or id < 0);
        """);
    try (TableCopy copy = begin("t", 3)) {
      assertThat(copy.workers()).hasSize(3);
      assertThat(rows(copy)).hasSize(4_000);
    }
  }

  @Test
  void copiesAllLeavesOfATablePublishedByItsRoot() throws Exception {
    database.execute(
        """
        create table p(id int, k int, v text, primary key (id, k)) partition by range (k);
        create table p1 partition of p for values from (0) to (10);
        create table p2(k int not null, extra int, v text, id int not null, primary key (id, k));
        alter table p2 drop column extra;
        alter table p attach partition p2 for values from (10) to (20);
        create table p3 partition of p for values from (20) to (40) partition by range (k);
        create table p3a partition of p3 for values from (20) to (30);
        insert into p values (1, 1, 'a'), (2, 11, 'b'), (3, 21, 'c');
        create publication pub for table p with (publish_via_partition_root = true);
        """);
    try (TableCopy copy = begin("p", 4)) {
      assertThat(rows(copy))
          .containsExactlyInAnyOrder(
              List.of("1", "1", "a"), List.of("2", "11", "b"), List.of("3", "21", "c"));
    }
  }

  @Test
  void copiesThroughTheRootWhereTheLeavesMayNotBeRead() throws Exception {
    String role = "reader_" + ProcessHandle.current().pid();
    database.execute(
        """
        create table p(id int, k int, primary key (id, k)) partition by range (k);
        create table p1 partition of p for values from (0) to (10);
        insert into p values (1, 1), (2, 2);
        create publication pub for table p with (publish_via_partition_root = true);
        create role %1$s login replication password 'x'; grant select on p to %1$s;
        """
            .formatted(role));
    try (SourceDatabase reader = open(database.connection().username(role).password("x"));
        TableCopy copy = new SnapshotCopier(reader).begin(request(published(reader, "p"), 4))) {
      assertThat(rows(copy)).hasSize(2);
    } finally {
      database.execute("drop owned by " + role + "; drop role " + role);
    }
  }

  @Test
  void doesNotCopyInheritingTables() throws Exception {
    database.execute(
        """
        create table base(id int primary key); create table kid(primary key (id)) inherits (base);
        insert into base values (1); insert into kid values (2);
        create publication pub for all tables;
        """);
    try (TableCopy copy = begin("base", 4)) {
      assertThat(rows(copy)).containsExactly(List.of("1"));
    }
  }

  @Test
  void namesAreTakenAsTheyAre() throws Exception {
    database.execute(
        """
        create schema "S "" 1"; create table "S "" 1"."T'x"("Column A" int primary key, "b""c" text);
        insert into "S "" 1"."T'x" values (1, 'v');
        create publication pub for table "S "" 1"."T'x";
        """);
    try (TableCopy copy = begin("T'x", 4)) {
      assertThat(rows(copy)).containsExactly(List.of("1", "v"));
    }
  }

  @Test
  void aTableWithoutColumnsHasRows() throws Exception {
    database.execute(
        "create table t(); insert into t default values; insert into t default values;"
            + " create publication pub for table t");
    try (TableCopy copy = begin("t", 4)) {
      assertThat(rows(copy)).containsExactly(List.of(), List.of());
    }
  }

  @Test
  void copiesNoRowsIfNoneAreWanted() {
    database.execute(
        "create table t(id int primary key); insert into t values (1);"
            + " create publication pub for table t");
    try (TableCopy copy = new SnapshotCopier(source).begin(request(published(source, "t"), 0))) {
      assertThat(copy.workers()).isEmpty();
      assertThat(copy.schema().columnCount()).isEqualTo(1);
    }
  }

  @Test
  void aRewriteOrTruncateHasToWaitForTheCopy() throws Exception {
    database.execute(
        "create table t(id int primary key, v int); insert into t select g from generate_series(1, 1000) g;"
            + " create publication pub for table t");
    try (TableCopy copy = begin("t", 4)) {
      CompletableFuture<Void> rewrite =
          CompletableFuture.runAsync(
              () -> database.execute("alter table t alter v type text; truncate t"));
      awaitLockWaiter();
      assertThat(rows(copy)).hasSize(1000);
      copy.close();
      rewrite.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aTableThatIsNotFreeIsTriedAgainLater() throws Exception {
    database.execute("create table t(id int primary key); create publication pub for table t");
    PublishedTable table = published(source, "t");
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("lock table t in access exclusive mode");
      EtlException failure = failureOf(table);
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_BUSY);
      assertThat(failure.tableOid()).hasValue(table.id().oid());
      assertThat(failure).hasMessageContaining("blocked by: pid ");
    }
    assertNothingIsLeft();
  }

  @Test
  void aSlotIsNotWaitedForForEver() throws Exception {
    database.execute(
        "create table t(id int primary key); create table other(id int); create publication pub for table t");
    PublishedTable table = published(source, "t");
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into other values (1)");
      EtlException failure = failureOf(table);
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_BUSY);
      assertThat(failure).hasMessageContaining("did not end within 2 s: pid ");
    }
    assertNothingIsLeft();
  }

  /** DDL that waits for the copy's lock must not make the copy wait for itself. */
  @Test
  void aDdlStatementThatWaitsDoesNotStopTheOtherConnections() throws Exception {
    database.execute(
        """
        create table t(id int primary key, v text);
        insert into t select g, repeat('x', 500) from generate_series(1, 40000) g;
        create publication pub for table t;
        """);
    try (TableCopy copy = begin("t", 3)) {
      CompletableFuture<Void> ddl =
          CompletableFuture.runAsync(() -> database.execute("alter table t add column n int"));
      awaitLockWaiter();
      assertThat(rows(copy)).hasSize(40_000);
      copy.close();
      ddl.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aTableThatIsGoneOrLeftThePublicationFailsAlone() {
    database.execute("create table t(id int primary key); create publication pub for table t");
    PublishedTable table = published(source, "t");
    database.execute("alter publication pub drop table t");
    assertThat(failureOf(table).tableOid()).hasValue(table.id().oid());
    database.execute("drop table t");
    assertThat(failureOf(table).tableOid()).hasValue(table.id().oid());
    assertNothingIsLeft();
  }

  @Test
  void abortStopsAWorkerThatWaits() throws Exception {
    database.execute(
        """
        create table t(id int primary key, v text);
        insert into t select g, repeat('x', 500) from generate_series(1, 40000) g;
        create publication pub for table t;
        """);
    try (TableCopy copy = begin("t", 1)) {
      CountDownLatch first = new CountDownLatch(1);
      CountDownLatch aborted = new CountDownLatch(1);
      CompletableFuture<Void> run =
          CompletableFuture.runAsync(
              () ->
                  runQuietly(
                      copy.workers().get(0),
                      row -> {
                        first.countDown();
                        aborted.await();
                      }));
      first.await();
      copy.abort();
      aborted.countDown();
      ExecutionException failure =
          catchThrowableOfType(ExecutionException.class, () -> run.get(5, TimeUnit.SECONDS));
      assertThat(failure.getCause()).isInstanceOf(EtlException.class);
    }
  }

  @Test
  void dataThatCannotBeReadNamesTheTableOnly() {
    try (TestDatabase ascii =
        TestPostgres.shared()
            .createDatabase("encoding 'SQL_ASCII' template template0 locale 'C'")) {
      ascii.execute(
          "create table t(id int primary key, v text); insert into t values (1, E'geheim\\377');"
              + " create publication pub for table t");
      try (SourceDatabase other = open(ascii.connection());
          TableCopy copy = new SnapshotCopier(other).begin(request(published(other, "t"), 1))) {
        EtlException failure = catchThrowableOfType(EtlException.class, () -> rows(copy));
        assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
        assertThat(failure.tableOid()).isPresent();
        assertThat(failure).hasMessageContaining("22021").hasMessageContaining("public.t");
        assertThat(failure.toString()).doesNotContain("geheim").doesNotContain("0xff");
      }
    }
  }

  private TableCopy begin(String table, int maxConnections) {
    return new SnapshotCopier(source).begin(request(published(source, table), maxConnections));
  }

  private static PublishedTable published(SourceDatabase source, String table) {
    return source.publishedTables("pub").stream()
        .filter(published -> published.name().name().equals(table))
        .findFirst()
        .orElseThrow();
  }

  private EtlException failureOf(PublishedTable table) {
    return catchThrowableOfType(
        EtlException.class, () -> new SnapshotCopier(source).begin(request(table, 3)));
  }

  private void assertNothingIsLeft() {
    assertThat(source.slots()).isEmpty();
    await()
        .until(
            () ->
                database
                    .value(
                        "select count(*) from pg_stat_activity where application_name like 'pgetl/it/copy%'")
                    .equals("0"));
  }

  private void awaitLockWaiter() {
    await()
        .until(
            () ->
                !database
                    .value(
                        "select count(*) from pg_locks where relation = 't'::regclass and not granted")
                    .equals("0"));
  }

  /** All rows, read by a thread per worker. */
  private static List<List<@Nullable String>> rows(TableCopy copy) throws SQLException {
    List<List<@Nullable String>> rows = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<Void>> runs =
        copy.workers().stream()
            .map(
                worker ->
                    CompletableFuture.runAsync(
                        () -> runQuietly(worker, row -> rows.add(texts(row)))))
            .toList();
    try {
      runs.forEach(CompletableFuture::join);
    } catch (java.util.concurrent.CompletionException e) {
      throw (RuntimeException) e.getCause();
    }
    return rows;
  }

  private interface Taker {
    void take(TableRow row) throws InterruptedException;
  }

  private static void runQuietly(TableCopy.Worker worker, Taker taker) {
    try {
      worker.run((row, bytes) -> taker.take(row));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<@Nullable String> texts(TableRow row) {
    List<@Nullable String> texts = new ArrayList<>();
    for (int i = 0; i < row.table().columnCount(); i++) {
      texts.add(row.text(i));
    }
    return texts;
  }

  private static TableCopier.Request request(PublishedTable table, int connections) {
    return new TableCopier.Request(
        table, SLOT, connections, ValueFormat.TEXT, ReadBy.AUTO, "", false, null);
  }
}
