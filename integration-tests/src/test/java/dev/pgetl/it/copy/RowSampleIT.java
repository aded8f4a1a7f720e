package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgetl.internal.capture.condition.RowChoice;
import dev.pgetl.internal.copy.sample.RowSample;
import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many rows a table has, without statistics. */
class RowSampleIT {
  private static final double ROWS = 60_000;

  /** What a sample of some tens of blocks can say. */
  private static final Offset<Double> ABOUT = within(0.2 * ROWS);

  private final TestDatabase database = TestPostgres.shared().createDatabase();

  @BeforeEach
  void create() {
    database.execute(
        """
        create table t(id int primary key, v text) with (autovacuum_enabled = off);
        insert into t select i, repeat('x', 500) from generate_series(1, 60000) i;
        """);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private RowSpread spread(String table, boolean partitioned, String filter) throws SQLException {
    return Objects.requireNonNull(sample(table, partitioned, filter));
  }

  private @Nullable RowSpread sample(String table, boolean partitioned, String filter)
      throws SQLException {
    return sample(new RowChoice(new TableName("public", table), filter, ""), partitioned);
  }

  private @Nullable RowSpread sample(RowChoice rows, boolean partitioned) throws SQLException {
    long blocks =
        Long.parseLong(
            database.value(
                "select (sum(pg_relation_size(oid)) / 8192)::bigint from pg_class where relname ~ '^%s[0-9]?$'"
                    .formatted(rows.table().name())));
    try (Connection connection = database.connect();
        Statement sql = connection.createStatement()) {
      connection.setAutoCommit(false);
      RowSpread spread = new RowSample(rows, partitioned, blocks).spread(connection);
      sql.execute("select 1"); // the transaction is as it was
      assertThat(statementTimeout(sql)).isEqualTo("0");
      connection.rollback();
      return spread;
    }
  }

  private static String statementTimeout(Statement sql) throws SQLException {
    try (ResultSet row = sql.executeQuery("show statement_timeout")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void countsRowsThatWereNeverAnalyzed() throws SQLException {
    assertThat(spread("t", false, "").rows()).isCloseTo(ROWS, ABOUT);
  }

  @Test
  void countsTheRowsThatAPublicationLetsThrough() throws SQLException {
    assertThat(spread("t", false, "(id % 3) = 0").rows()).isCloseTo(ROWS / 3, ABOUT);
    assertThat(spread("t", false, "v IS NULL").rows()).isZero();
  }

  /** It may name the table, and end with a comment. */
  @Test
  void countsTheRowsThatTheConfigurationLetsThrough() throws SQLException {
    TableName table = new TableName("public", "t");
    RowChoice rows = new RowChoice(table, "(id % 3) = 0", "t.id % 2 = 0 -- even");

    assertThat(Objects.requireNonNull(sample(rows, false)).rows()).isCloseTo(ROWS / 6, ABOUT);
  }

  @Test
  void rowsThatWereDeletedDoNotCount() throws SQLException {
    database.execute("delete from t where id > 20000; vacuum (truncate off) t");

    assertThat(spread("t", false, "").rows()).isCloseTo(20_000, ABOUT);
  }

  @Test
  void countsTheRowsOfPartitions() throws SQLException {
    database.execute(
        """
        create table p(id int, v text) partition by range (id);
        create table p1 partition of p for values from (0) to (10000);
        create table p2 partition of p for values from (10000) to (100000);
        insert into p select id, v from t;
        """);

    assertThat(spread("p", true, "").rows()).isCloseTo(ROWS, ABOUT);
  }

  @Test
  void doesNotCountTheRowsOfTablesThatInherit() throws SQLException {
    database.execute("create table child() inherits (t); insert into child select * from t");

    assertThat(spread("t", false, "").rows()).isCloseTo(ROWS, ABOUT);
  }

  @Test
  void leavesSmallTablesOut() throws SQLException {
    database.execute("create table small(id int); insert into small values (1)");

    assertThat(sample("small", false, "")).isNull();
  }

  /** The copy continues without it, and meets the same failure if it is one. */
  @Test
  void aConditionThatFailsMakesNoSample() throws SQLException {
    assertThat(sample("t", false, "(1 / (id - id)) = 1")).isNull();
  }
}
