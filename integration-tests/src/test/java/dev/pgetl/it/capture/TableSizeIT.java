package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.TableSize;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.TableId;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How large tables are, whatever they are, and whatever other sessions do with them. */
class TableSizeIT {
  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source =
      new SourceDatabase(
          database.connection().lockTimeout(Duration.ofMinutes(5)).build(), "it", Platform.jvm());

  @BeforeEach
  void create() {
    database.execute(
        """
        create table plain(id int primary key, v text) with (autovacuum_enabled = off);
        create table fat(id int primary key, v text) with (autovacuum_enabled = off, toast.autovacuum_enabled = off);
        create table empty(id int primary key);
        create table root(id int primary key) partition by range (id);
        create table low partition of root for values from (0) to (1000) with (autovacuum_enabled = off);
        create table middle partition of root for values from (1000) to (2000) partition by range (id);
        create table high partition of middle for values from (1000) to (2000) with (autovacuum_enabled = off);
        create unlogged table unsent partition of root for values from (2000) to (3000);
        alter table fat alter v set storage external;
        insert into plain select i, 'v' from generate_series(1, 10000) i;
        insert into fat select i, repeat('x', 100000) from generate_series(1, 20) i;
        insert into root select generate_series(0, 2999);
        """);
  }

  @AfterEach
  void close() {
    source.close();
    database.close();
  }

  private TableId id(String table) {
    return new TableId(Long.parseLong(database.value("select '" + table + "'::regclass::oid")));
  }

  private Map<TableId, TableSize> sizes(String... tables) {
    return source.sizes(ids(tables));
  }

  private Collection<TableId> ids(String... tables) {
    return Arrays.stream(tables).map(this::id).toList();
  }

  private TableSize size(String table) {
    return Objects.requireNonNull(sizes(table).get(id(table)));
  }

  private long bytes(String table) {
    return Long.parseLong(database.value("select pg_relation_size('" + table + "')"));
  }

  @Test
  void isThatOfTheHeapAndOfLargeValues() {
    String toast =
        database.value("select reltoastrelid::regclass from pg_class where relname = 'fat'");

    assertThat(size("plain").bytes()).isEqualTo(bytes("plain")).isGreaterThan(100_000);
    assertThat(size("fat").bytes()).isEqualTo(bytes("fat") + bytes(toast)).isGreaterThan(2_000_000);
    assertThat(size("empty")).isEqualTo(new TableSize(0, 0));
  }

  @Test
  void isThatOfAllLeavesWhoseChangesAreSent() {
    assertThat(size("root").bytes()).isEqualTo(bytes("low") + bytes("high"));
    assertThat(size("middle").bytes()).isEqualTo(bytes("high"));
    assertThat(size("low").bytes()).isEqualTo(bytes("low"));
  }

  @Test
  void rowsAreThoseOfTheStatisticsSpreadOverTheBlocksOfToday() {
    assertThat(size("plain").rows()).as("never analyzed").isEqualTo(-1);
    assertThat(size("root").rows()).isEqualTo(-1);
    database.execute("analyze plain; analyze low");
    assertThat(size("plain").rows()).isEqualTo(10_000);
    assertThat(size("root").rows()).as("one leaf is not known").isEqualTo(-1);
    database.execute("analyze root");
    assertThat(size("root").rows()).isEqualTo(2_000);

    database.execute("insert into plain select i, 'v' from generate_series(10001, 20000) i");

    assertThat(size("plain").rows()).isBetween(19_500L, 20_500L);
  }

  @Test
  void isNotKnownOfATableThatIsGoneOrNeverSent() {
    List<TableId> ids = List.of(id("plain"), id("fat"), id("unsent"));
    database.execute("drop table fat");

    assertThat(source.sizes(ids)).containsOnlyKeys(id("plain"));
    assertThat(source.sizes(List.of())).isEmpty();
  }

  /** The connection would wait for five minutes. */
  @Test
  void isThatOfTheLastVacuumWhileAnotherSessionHoldsTheTable() throws SQLException {
    database.execute("vacuum analyze plain, low");
    long before = bytes("plain");
    database.execute("insert into plain select i, 'v' from generate_series(10001, 20000) i");
    try (Connection migration = database.connect();
        Statement sql = migration.createStatement()) {
      migration.setAutoCommit(false);
      sql.execute("lock table plain, fat, low, high in access exclusive mode");

      Map<TableId, TableSize> sizes = sizes("plain", "fat", "root", "empty");

      assertThat(sizes).containsOnlyKeys(ids("plain", "root", "empty"));
      assertThat(sizes.get(id("plain"))).isEqualTo(new TableSize(before, 10_000));
      assertThat(Objects.requireNonNull(sizes.get(id("root"))).bytes()).isEqualTo(bytesOfLow());
      migration.rollback();
    }
  }

  private long bytesOfLow() {
    return 8_192L
        * Long.parseLong(database.value("select relpages from pg_class where relname = 'low'"));
  }

  /** Between the look at the locks and that at the files. */
  @Test
  void isThatOfTheLastVacuumIfATableIsLockedMeanwhile() throws SQLException {
    try (Connection asking = database.connect()) {
      asking.setAutoCommit(false);
      assertThat(TableSize.of(asking, ids("plain"), false)).isEmpty();
      database.execute("vacuum plain");
      assertThat(TableSize.of(asking, ids("plain"), false).get(id("plain")))
          .isEqualTo(new TableSize(bytes("plain"), 10_000));
      asking.rollback();
    }
  }
}
