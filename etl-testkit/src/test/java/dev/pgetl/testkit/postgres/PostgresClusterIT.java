package dev.pgetl.testkit.postgres;

import static dev.pgetl.testkit.postgres.PostgresCluster.StopMode.FAST;
import static dev.pgetl.testkit.postgres.PostgresCluster.StopMode.IMMEDIATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresClusterIT {

  @Test
  void keepsPortAndDataAcrossStops() {
    try (PostgresCluster cluster = PostgresCluster.builder().start()) {
      int port = cluster.server().port();
      TestDatabase database = cluster.createDatabase();
      database.execute("create table t (x int)");
      for (PostgresCluster.StopMode mode : PostgresCluster.StopMode.values()) {
        database.execute("insert into t values (1)");
        cluster.restart(mode);
      }
      assertThat(cluster.server().port()).isEqualTo(port);
      assertThat(database.value("select count(*) from t")).isEqualTo("2");
    }
  }

  @Test
  void losesNothingThatWasCommittedWhenKilledIfDurable() {
    try (PostgresCluster cluster = PostgresCluster.builder().durable().start()) {
      TestDatabase database = cluster.createDatabase();
      database.execute("create table t (x int)");
      for (int i = 1; i <= 3; i++) {
        database.execute("insert into t values (1)");
        cluster.kill();
        assertThat(cluster.isRunning()).isFalse();
        cluster.start();
        assertThat(database.value("select count(*) from t")).isEqualTo(Integer.toString(i));
      }
      assertThat(cluster.log()).contains("database system was interrupted");
    }
  }

  @Test
  void takesSettingsAtTheStartAndLater() {
    try (PostgresCluster cluster =
        PostgresCluster.builder().set("work_mem", "5MB").set("max_wal_senders", "7").start()) {
      TestDatabase database = cluster.createDatabase();
      assertThat(database.value("show work_mem")).isEqualTo("5MB");
      assertThat(database.value("show max_wal_senders")).isEqualTo("7");
      cluster.set("max_slot_wal_keep_size", "1MB");
      cluster.set("max_wal_senders", "9");
      cluster.restart(FAST);
      assertThat(database.value("show max_slot_wal_keep_size")).isEqualTo("1MB");
      assertThat(database.value("show max_wal_senders")).isEqualTo("9");
    }
  }

  @Test
  void showsItsLogWhenItDoesNotStart() {
    assertThatThrownBy(() -> PostgresCluster.builder().set("no_such_setting", "1").start())
        .hasMessageContaining("no_such_setting");
  }

  @Test
  void admitsClientsByRules() throws SQLException {
    try (PostgresCluster cluster = PostgresCluster.builder().start();
        TestDatabase database = cluster.createDatabase()) {
      database.execute("create role etl login password 'secret'");
      cluster.accessRules("host all etl all reject");
      assertThatThrownBy(() -> connect(database, "etl", "secret", "disable", ""))
          .hasMessageContaining("rejects connection");
      cluster.accessRules();
      connect(database, "etl", "secret", "disable", "").close();
      assertThatThrownBy(() -> connect(database, "etl", "wrong", "disable", ""))
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void encryptsWithACertificate(@TempDir Path folder) throws Exception {
    TestCertificate certificate = TestCertificate.issue("localhost");
    Path root = Files.writeString(folder.resolve("root.crt"), certificate.certificatePem());
    try (PostgresCluster cluster = PostgresCluster.builder().start();
        TestDatabase database = cluster.createDatabase()) {
      database.execute("create role etl login password 'secret'");
      cluster.useCertificate(certificate);
      cluster.accessRules("hostssl all etl all scram-sha-256", "host all etl all reject");
      connect(database, "etl", "secret", "verify-full", root.toString()).close();
      assertThatThrownBy(() -> connect(database, "etl", "secret", "disable", ""))
          .hasMessageContaining("rejects connection");

      cluster.useCertificate(TestCertificate.issue("elsewhere.example"));
      assertThatThrownBy(() -> connect(database, "etl", "secret", "verify-full", root.toString()))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void letsClientsLogInWithACertificate(@TempDir Path folder) throws Exception {
    TestCertificate client = TestCertificate.issue("etl");
    Path chain = Files.writeString(folder.resolve("etl.crt"), client.certificatePem());
    Path key = Files.writeString(folder.resolve("etl.key"), client.privateKeyPem().reveal());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    String shown =
        "?user=etl&sslmode=require&pemKeyAlgorithm=EC&sslcert=" + chain + "&sslkey=" + key;
    try (PostgresCluster cluster = PostgresCluster.builder().start();
        TestDatabase database = cluster.createDatabase()) {
      database.execute("create role etl login");
      cluster.useCertificate(TestCertificate.issue("localhost"));
      cluster.accessRules("hostssl all etl all cert");
      cluster.trustClients(TestCertificate.issue("other"), client);
      DriverManager.getConnection(database.jdbcUrl() + shown).close();
      cluster.trustClients(TestCertificate.issue("other"));
      assertThatThrownBy(() -> DriverManager.getConnection(database.jdbcUrl() + shown))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void aStandbyFollowsAndIsPromoted() {
    try (PostgresCluster primary = PostgresCluster.builder().start();
        TestDatabase database = primary.createDatabase()) {
      database.execute("create table t(id int); insert into t values (1)");
      try (PostgresCluster standby = primary.startStandby()) {
        database.execute("insert into t values (2)");
        TestDatabase copy = standby.server().database(database.name());
        await().until(() -> copy.value("select count(*) from t").equals("2"));
        assertThat(copy.value("select pg_is_in_recovery()")).isEqualTo("t");
        assertThatThrownBy(() -> copy.execute("insert into t values (3)"))
            .hasRootCauseInstanceOf(SQLException.class);

        standby.restart(FAST);
        standby.promote();
        copy.execute("insert into t values (3)");
        assertThat(copy.value("select count(*) from t")).isEqualTo("3");
      }
      assertThat(database.value("select count(*) from t")).isEqualTo("2");
    }
  }

  @Test
  void runsAsAnotherUserWhereNamespacesAreForbidden() {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    try (PostgresCluster cluster =
            PostgresCluster.builder().account(ServerAccount.otherUser()).start();
        TestDatabase database = cluster.createDatabase()) {
      cluster.accessRules("host all nobody all reject");
      cluster.useCertificate(TestCertificate.issue("localhost"));
      cluster.restart(IMMEDIATE);
      assertThat(database.value("show ssl")).isEqualTo("on");
      try (PostgresCluster standby = cluster.startStandby()) {
        assertThat(standby.isRunning()).isTrue();
      }
    }
  }

  @Test
  void sharesNoFileWithOtherServers() {
    try (PostgresCluster cluster = PostgresCluster.builder().start()) {
      assertThat(cluster.server().database("postgres").value("show unix_socket_directories"))
          .isEmpty();
    }
  }

  @Test
  void removesItsFilesWhenClosed() {
    PostgresCluster cluster = PostgresCluster.builder().start();
    Path data = cluster.dataDirectory();
    assertThat(data).exists();
    cluster.close();
    assertThat(data.getParent()).doesNotExist();
    assertThat(cluster.isRunning()).isFalse();
    cluster.close();
  }

  private static Connection connect(
      TestDatabase database, String user, String password, String sslMode, String rootCertificate)
      throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("sslmode", sslMode);
    if (!rootCertificate.isEmpty()) {
      properties.setProperty("sslrootcert", rootCertificate);
    }
    return DriverManager.getConnection(database.jdbcUrl(), properties);
  }
}
