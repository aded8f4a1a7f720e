package dev.pgetl.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

@ExtendWith(PostgresExtension.class)
class StatusMessagesIT {

  @Test
  void areSwallowedAndTheServerDoesNotLearnThePosition(TestDatabase database) throws SQLException {
    String slot = "proxy_" + database.name();
    database.execute(
        "create table t (x int); create publication pub for table t;"
            + "select pg_create_logical_replication_slot('"
            + slot
            + "', 'pgoutput')");
    Lsn created = database.slot(slot).confirmed();
    database.execute("insert into t values (1)");
    try (TcpProxy proxy = TcpProxy.to(database.server().host(), database.server().port());
        Connection connection = connect(database, proxy);
        PGReplicationStream stream = stream(connection, slot)) {
      proxy.swallowStatusMessages();
      acknowledge(stream, database.currentLsn());
      Awaitility.await().until(() -> proxy.swallowedStatusMessages() > 0);
      assertThat(database.slot(slot).confirmed()).isEqualTo(created);

      proxy.heal();
      Awaitility.await()
          .until(
              () -> {
                acknowledge(stream, database.currentLsn());
                return database.slot(slot).confirmed().isAfter(created);
              });
    }
  }

  private static void acknowledge(PGReplicationStream stream, Lsn position) throws SQLException {
    LogSequenceNumber lsn = LogSequenceNumber.valueOf(position.value());
    stream.setFlushedLSN(lsn);
    stream.setAppliedLSN(lsn);
    stream.forceUpdateStatus();
  }

  private static PGReplicationStream stream(Connection connection, String slot)
      throws SQLException {
    return connection
        .unwrap(PGConnection.class)
        .getReplicationAPI()
        .replicationStream()
        .logical()
        .withSlotName(slot)
        .withSlotOption("proto_version", "1")
        .withSlotOption("publication_names", "pub")
        .start();
  }

  private static Connection connect(TestDatabase database, TcpProxy proxy) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", database.server().username());
    properties.setProperty("password", database.server().password().reveal());
    properties.setProperty("replication", "database");
    properties.setProperty("assumeMinServerVersion", "14");
    properties.setProperty("preferQueryMode", "simple");
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name(), properties);
  }
}
