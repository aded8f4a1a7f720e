package dev.pgetl.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class TestDatabaseIT {
  private final TestDatabase database;

  TestDatabaseIT(TestDatabase database) {
    this.database = database;
  }

  @Test
  void hasTheSettingsOfTheScenarios() {
    assertThat(
            database.query(
                "select name, setting from pg_settings where name in ('wal_level', 'max_replication_slots',"
                    + " 'max_wal_senders', 'wal_sender_timeout', 'max_prepared_transactions', 'fsync',"
                    + " 'synchronous_commit', 'server_encoding') order by 1"))
        .containsExactly(
            List.of("fsync", "off"),
            List.of("max_prepared_transactions", "10"),
            List.of("max_replication_slots", "50"),
            List.of("max_wal_senders", "50"),
            List.of("server_encoding", "UTF8"),
            List.of("synchronous_commit", "on"),
            List.of("wal_level", "logical"),
            List.of("wal_sender_timeout", "10000"));
  }

  @Test
  void runsEachStatementInATransactionOfItsOwn() {
    database.execute("create table t (x bigint); insert into t values (txid_current())");
    database.execute(
        "insert into t values (txid_current()); begin; insert into t values (txid_current());"
            + " insert into t values (txid_current()); commit");
    assertThat(database.value("select count(distinct x) from t")).isEqualTo("3");
  }

  @Test
  void rollsBackATransactionLeftOpenAndForgetsSessionSettings() {
    database.execute(
        "create table t (x int); begin; insert into t values (1); set timezone = 'Asia/Tokyo'");
    assertThat(database.value("select count(*) from t")).isEqualTo("0");
    assertThat(database.value("show timezone")).isEqualTo("UTC");
  }

  @Test
  void givesValuesAsTheServerSendsThem() {
    assertThat(
            database.query(
                "select true, 'x '::char(3), null, '\\x00ff'::bytea, timestamptz '2020-01-01 00:00+01',"
                    + " 0.1::float8 + 0.2, array[1, null]"))
        .containsExactly(
            java.util.Arrays.asList(
                "t",
                "x  ",
                null,
                "\\x00ff",
                "2019-12-31 23:00:00+00",
                "0.30000000000000004",
                "{1,NULL}"));
  }

  @Test
  void saysWhichStatementFailedAndWhy() {
    assertThatThrownBy(() -> database.execute("select 1; select broken"))
        .hasMessageContaining("select broken")
        .hasCauseInstanceOf(SQLException.class);
    assertThat(database.value("select 1")).isEqualTo("1");
  }

  @Test
  void connectsWithTheConfigurationItGivesToPipelines() throws SQLException {
    PgConnectionConfig config = database.connectionConfig();
    String url = "jdbc:postgresql://" + config.host() + ":" + config.port() + "/" + config.name();
    try (Connection connection =
        DriverManager.getConnection(url, config.username(), config.password().reveal())) {
      assertThat(connection.getCatalog()).isEqualTo(database.name());
    }
  }

  @Test
  void tellsTheStateOfSlots() {
    Lsn before = database.currentLsn();
    database.execute(
        "select pg_create_logical_replication_slot('a_' || current_database(), 'pgoutput')");
    SlotState slot = database.slots().get(0);
    assertThat(slot.isActive()).isFalse();
    assertThat(slot.temporary()).isFalse();
    assertThat(slot.walStatus()).isEqualTo("reserved");
    assertThat(slot.confirmed().isBefore(before)).isFalse();
    assertThat(database.slot(slot.name())).isEqualTo(slot);
    assertThat(database.killWalSender(slot.name())).isFalse();
  }

  @Test
  void vanishesWithSessionsSlotsAndPreparedTransactions() throws SQLException {
    TestDatabase other = TestPostgres.shared().createDatabase();
    other.execute("create table t (x int)");
    try (Connection connection = other.connect();
        Statement statement = connection.createStatement()) {
      other.execute(
          "select pg_create_logical_replication_slot('b_' || current_database(), 'pgoutput');"
              + " begin; insert into t values (1); prepare transaction 'it''s "
              + other.name()
              + "'");
      statement.execute("begin");
      statement.execute("select * from t");

      other.close();

      assertThatThrownBy(() -> statement.execute("select 1")).isInstanceOf(SQLException.class);
    }
    assertThat(database.query("select 1 from pg_database where datname = '" + other.name() + "'"))
        .isEmpty();
  }

  @Test
  void canHaveAnotherEncoding() {
    try (TestDatabase latin =
        TestPostgres.shared().createDatabase("encoding 'LATIN1' template template0")) {
      latin.execute("create table t (x text); insert into t values ('é')");
      assertThat(latin.query("select x, octet_length(x) from t"))
          .containsExactly(List.of("é", "1"));
    }
  }
}
