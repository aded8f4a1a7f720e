package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.SnapshotCopier;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableId;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small tables that are read together, under one snapshot. */
class SmallTablesIT {
  private static final String SLOT = "small_slot";
  private static final long PLENTY = 8 << 20;

  private static final String THREE_TABLES =
      """
      create table a(id int primary key, v text);
      create table b(id int primary key, v text, w text);
      create table c(id int primary key, v text);
      create table other(id int);
      insert into a values (1, 'a1'), (2, E'tab\\tand\\nline \\\\N'), (3, null);
      insert into b values (1, 'v', 'w');
      insert into c values (1, ''), (2, 'c2');
      create publication pub for table a, b, c;
      """;

  private final TcpProxy proxy =
      TcpProxy.to(TestPostgres.shared().host(), TestPostgres.shared().port());
  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source =
      new SourceDatabase(
          database.connection().port(proxy.port()).lockTimeout(Duration.ofSeconds(5)).build(),
          "it",
          Platform.jvm());
  private final Map<TableId, String> ids = new LinkedHashMap<>();

  @BeforeEach
  void create() {
    database.execute(THREE_TABLES);
  }

  @AfterEach
  void close() {
    proxy.heal();
    source.close();
    proxy.close();
    database.close();
  }

  @Test
  void readsAllRowsAsOfTheSlotsPosition() throws Exception {
    String meanwhile =
        "insert into a values (4, 'later'); update b set w = 'later'; delete from c where id = 1";
    try (GroupCopy copy = copyAfter(meanwhile, "a", "b", "c")) {
      assertThat(copy.alone()).isEmpty();
      assertThat(copy.size()).isEqualTo(3);
      assertThat(copy.bytes()).isPositive();
      assertThat(copy.slotName()).isEqualTo(SLOT);
      Map<String, List<List<@Nullable String>>> rows = rows(copy);
      assertThat(rows).containsOnlyKeys("a", "b", "c");
      List<@Nullable String> withoutValue = new ArrayList<>(List.of("3"));
      withoutValue.add(null);
      assertThat(rows.get("a"))
          .containsExactlyInAnyOrder(
              List.of("1", "a1"), List.of("2", "tab\tand\nline \\N"), withoutValue);
      assertThat(rows.get("b")).containsExactly(List.of("1", "v", "w"));
      assertThat(rows.get("c")).containsExactlyInAnyOrder(List.of("1", ""), List.of("2", "c2"));
      assertThat(copy.size()).isZero();
      assertThat(copy.tables()).isEmpty();
    }
  }

  @Test
  void schemasHaveTheSlotsPosition() {
    try (GroupCopy copy = copySmall("a")) {
      GroupCopy.Rows rows = Objects.requireNonNull(copy.take(copy.tables().get(0)));
      assertThat(rows.schema().snapshotLsn()).isEqualTo(copy.consistentPoint());
      assertThat(rows.schema().column(0).primaryKeyOrdinal()).isEqualTo(1);
      assertThat(copy.consistentPoint()).isLessThanOrEqualTo(database.currentLsn());
    }
  }

  @Test
  void anEmptyTableIsReadToo() {
    database.execute("truncate a");
    try (GroupCopy copy = copySmall("a", "b")) {
      assertThat(copy.alone()).isEmpty();
      assertThat(rows(copy)).containsEntry("a", List.of()).containsKey("b");
    }
  }

  @Test
  void aTableOfMoreThanAMebibyteIsLeftAlone() {
    database.execute(
        "insert into b select g, repeat('x', 500), 'w' from generate_series(10, 3000) g");
    assertAlone(copySmall("a", "b", "c"), List.of("b"), "a", "c");
  }

  /** It takes little room on disk, because its value is compressed there. */
  @Test
  void aTableWhoseRowsAreLargeWhenSentIsLeftAlone() {
    database.execute("insert into b values (2, repeat('x', 5 << 20), 'w')");
    assertThat(database.value("select pg_table_size('b') < 1 << 20")).isEqualTo("t");
    assertAlone(copySmall("a", "b", "c"), List.of("b"), "a", "c");
  }

  @Test
  void aTableThatIsNoPlainTableIsLeftAlone() {
    database.execute(
        """
        create table p(id int primary key) partition by range (id);
        create table p1 partition of p for values from (0) to (10);
        create publication root for table a, p with (publish_via_partition_root = true);
        """);
    List<PublishedTable> tables = source.publishedTables("root");
    GroupCopy copy = new SnapshotCopier(source).copySmall(tables, SLOT, ValueFormat.TEXT, PLENTY);
    assertAlone(copy, List.of("p"), "a");
  }

  @Test
  void aTableThatIsLockedMeanwhileIsLeftAloneAtOnce() throws Exception {
    try (Connection locker = database.connect();
        Statement statement = locker.createStatement()) {
      locker.setAutoCommit(false);
      GroupCopy copy =
          copyAfter(
              () -> execute(statement, "lock table b in access exclusive mode"), "a", "b", "c");
      // The lock is still held.
      assertAlone(copy, List.of("b"), "a", "c");
      locker.rollback();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "truncate b",
        "alter table b alter column w type int using length(w)",
        "alter table b rename v to x; alter table b rename w to v; alter table b rename x to w",
        "alter table b add column n int default 1",
        "alter table b drop column w",
        "alter table b rename to b2",
        "drop table b",
        "vacuum full b",
        "alter table b enable row level security"
      })
  void aTableThatIsAlteredMeanwhileIsLeftAlone(String change) throws Exception {
    assertAlone(copyAfter(change, "a", "b", "c"), List.of("b"), "a", "c");
  }

  /** The server cannot print a label that is not in the catalogue any more. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table b add e mood; update b set e = 'fine'",
        "alter table b add e mood default 'fine'"
      })
  void aTableThatCannotBeReadIsLeftAlone(String column) {
    database.execute("create type mood as enum ('fine', 'bad'); " + column);
    database.execute("delete from pg_enum where enumtypid = 'mood'::regtype");
    assertAlone(copySmall("a", "b", "c"), List.of("b"), "a", "c");
  }

  @Test
  void tablesThatExchangeTheirNamesMeanwhileAreLeftAlone() throws Exception {
    String swap = "alter table a rename to x; alter table c rename to a; alter table x rename to c";
    List<TableId> swapped = List.of(id("a"), id("c"));
    try (GroupCopy copy = copyAfter(swap, "a", "b", "c")) {
      assertThat(copy.alone()).containsExactlyInAnyOrderElementsOf(swapped);
      assertThat(rows(copy)).containsOnlyKeys("b");
    }
  }

  /** Not one row of a table that has taken a name is handed over. */
  @Test
  void aTableThatTookANameMeanwhileIsNotRead() throws Exception {
    List<TableId> meant = List.of(id("b"));
    String replace =
        "alter table b rename to b_old; create table b(id int primary key, v text, w text); insert"
            + " into b values (9, 'x', 'y')";
    try (GroupCopy copy = copyAfter(replace, "a", "b", "c")) {
      assertThat(copy.alone()).containsAll(meant);
      assertThat(rows(copy)).doesNotContainKeys("b", "b_old");
    }
  }

  @Test
  void theLocksAreGoneWhenItReturns() {
    try (GroupCopy copy = copySmall("a", "b", "c")) {
      assertThat(copy.size()).isEqualTo(3);
      database.execute(
          "set lock_timeout = '20ms'; alter table a add n int; alter table b add n int;"
              + " truncate c");
    }
  }

  @Test
  void theSlotEndsWithTheCopy() {
    try (GroupCopy copy = copySmall("a")) {
      SlotState slot = database.slot(SLOT);
      assertThat(slot.temporary()).isTrue();
      assertThat(slot.isActive()).isTrue();
      assertThat(slot.confirmed()).isEqualTo(copy.consistentPoint());
      copy.close();
      awaitNothingIsLeft();
    }
  }

  @Test
  void noRoomLeavesLaterTablesOut() {
    database.execute("insert into b values (2, 'v', 'w'), (3, 'v', 'w'); insert into c values (3)");
    try (GroupCopy copy = copySmall(ValueFormat.TEXT, 350, "a", "b", "c")) {
      assertThat(copy.alone()).isEmpty();
      assertThat(rows(copy)).hasSize(2);
    }
  }

  @Test
  void aTableThatNeedsMoreRoomThanThereIsIsLeftAlone() {
    try (GroupCopy copy = copySmall(ValueFormat.TEXT, 1, "a", "b", "c")) {
      assertThat(copy.alone()).hasSize(1);
      assertThat(rows(copy)).isEmpty();
    }
  }

  @Test
  void binaryFormatGivesTheSameRows() {
    database.execute(
"""
create table types(id bigint primary key, n numeric, t timestamptz, f float8, b bytea, o bool);
insert into types values (1, 12.50, '2024-02-29 12:00:00+00', 1.5, '\\x0102', true),
  (2, null, null, null, null, null);
alter publication pub add table types;
""");
    Map<String, List<List<@Nullable String>>> text;
    try (GroupCopy copy = copySmall(ValueFormat.TEXT, PLENTY, "a", "b", "types")) {
      text = rows(copy);
    }
    awaitNothingIsLeft();
    try (GroupCopy copy = copySmall(ValueFormat.BINARY, PLENTY, "a", "b", "types")) {
      assertThat(copy.alone()).isEmpty();
      assertThat(rows(copy)).isEqualTo(text).containsOnlyKeys("a", "b", "types");
    }
  }

  @Test
  void aSlotIsNotWaitedForForEver() throws Exception {
    try (SourceDatabase hasty =
            new SourceDatabase(
                database.connection().lockTimeout(Duration.ofSeconds(1)).build(),
                "it",
                Platform.jvm());
        Connection writer = database.connect();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("insert into other values (1)");
      EtlException failure =
          catchThrowableOfType(
              EtlException.class,
              () ->
                  new SnapshotCopier(hasty)
                      .copySmall(published("a", "b"), SLOT, ValueFormat.TEXT, PLENTY));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_BUSY);
      assertThat(failure.tableOid()).isEmpty();
      writer.rollback();
    }
    awaitNothingIsLeft();
  }

  @Test
  void abortEndsItWhileItWaitsForItsSlot() throws Exception {
    SnapshotCopier copier = new SnapshotCopier(source);
    List<PublishedTable> tables = published("a", "b");
    try (Connection writer = database.connect();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("insert into other values (1)");
      CompletableFuture<EtlException> failure =
          CompletableFuture.supplyAsync(
              () ->
                  catchThrowableOfType(
                      EtlException.class,
                      () -> copier.copySmall(tables, SLOT, ValueFormat.TEXT, PLENTY)));
      awaitSlotWaits();
      copier.abort();
      assertThat(failure.get(4, TimeUnit.SECONDS).kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
      writer.rollback();
    }
    awaitNothingIsLeft();
  }

  private GroupCopy copySmall(String... tables) {
    return copySmall(ValueFormat.TEXT, PLENTY, tables);
  }

  private GroupCopy copySmall(ValueFormat format, long mostBytes, String... tables) {
    return new SnapshotCopier(source).copySmall(published(tables), SLOT, format, mostBytes);
  }

  private GroupCopy copyAfter(String script, String... tables) throws Exception {
    return copyAfter(() -> database.execute(script), tables);
  }

  /**
   * Copies, and does something once the slot has its snapshot, before any table is locked: the
   * server's answer waits in the proxy.
   */
  private GroupCopy copyAfter(Runnable meanwhile, String... tables) throws Exception {
    List<PublishedTable> published = published(tables);
    try (Connection writer = database.connect();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("insert into other values (1)");
      CompletableFuture<GroupCopy> copy =
          CompletableFuture.supplyAsync(
              () ->
                  new SnapshotCopier(source).copySmall(published, SLOT, ValueFormat.TEXT, PLENTY));
      awaitSlotWaits();
      proxy.stall();
      writer.commit();
      await()
          .until(
              () ->
                  database.value(
                      "select count(confirmed_flush_lsn) from pg_replication_slots"
                          + " where database = current_database()"),
              "1"::equals);
      meanwhile.run();
      proxy.heal();
      return copy.get(10, TimeUnit.SECONDS);
    }
  }

  private void awaitSlotWaits() {
    await()
        .until(
            () ->
                database.value(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                        + " and backend_type = 'walsender' and wait_event_type = 'Lock'"),
            "1"::equals);
  }

  private void awaitNothingIsLeft() {
    await().until(() -> source.slots().isEmpty());
    await()
        .until(
            () ->
                database.value(
                    "select count(*) from pg_stat_activity"
                        + " where application_name like 'pgetl/it/cop%'"
                        + " and datname = current_database()"),
            "0"::equals);
  }

  private static void execute(Statement statement, String sql) {
    try {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** {@return the tables in the order of their names here} */
  private List<PublishedTable> published(String... tables) {
    List<PublishedTable> all = source.publishedTables("pub");
    List<PublishedTable> published = new ArrayList<>();
    for (String table : tables) {
      all.stream().filter(each -> each.name().name().equals(table)).forEach(published::add);
    }
    assertThat(published).hasSize(tables.length);
    ids.clear();
    published.forEach(table -> ids.put(table.id(), table.name().name()));
    return published;
  }

  private TableId id(String table) {
    return published(table).get(0).id();
  }

  private void assertAlone(GroupCopy copy, List<String> alone, String... read) {
    try (copy) {
      assertThat(copy.alone())
          .map(id -> ids.getOrDefault(id, "p"))
          .containsExactlyInAnyOrderElementsOf(alone);
      assertThat(rows(copy)).containsOnlyKeys(read);
    }
  }

  private static Map<String, List<List<@Nullable String>>> rows(GroupCopy copy) {
    Map<String, List<List<@Nullable String>>> rows = new LinkedHashMap<>();
    for (TableId table : copy.tables()) {
      GroupCopy.Rows next = Objects.requireNonNull(copy.take(table));
      rows.put(
          next.schema().name().name(), next.rows().stream().map(SmallTablesIT::texts).toList());
    }
    return rows;
  }

  private static List<@Nullable String> texts(TableRow row) {
    List<@Nullable String> texts = new ArrayList<>();
    for (int i = 0; i < row.table().columnCount(); i++) {
      texts.add(row.text(i));
    }
    return texts;
  }
}
