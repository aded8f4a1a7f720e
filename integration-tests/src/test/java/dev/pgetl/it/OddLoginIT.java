package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** User, password and database may have characters that mean something in addresses and SQL. */
class OddLoginIT {
  private static final String USER = "o'dd \"user\" 50%&?=/\\ü";
  private static final String PASSWORD = "p'a \"ss\" 100%&?=/\\:@#ü{}";
  private static final String DATABASE = "d'b \"x\" 10%&?=/\\#ü";

  @Test
  void connectsPipelineAndStore() throws Exception {
    try (PostgresCluster cluster = PostgresCluster.builder().start();
        TestDatabase admin = cluster.createDatabase()) {
      admin.execute("create role %s superuser login".formatted(TableName.quote(USER)));
      admin.execute(
          "alter role %s password '%s'"
              .formatted(TableName.quote(USER), PASSWORD.replace("'", "''")));
      admin.execute("create database " + TableName.quote(DATABASE));
      PgConnectionConfig login =
          PgConnectionConfig.builder(admin.connectionConfig().host(), DATABASE, USER)
              .port(admin.connectionConfig().port())
              .password(PASSWORD)
              .build();
      try (Connection connection = open(login)) {
        execute(connection, "create table items(id int primary key); insert into items values (1)");
        execute(connection, "create publication pub for table items");
        assertWorks(login, connection);
      }
    }
  }

  private static void assertWorks(PgConnectionConfig login, Connection writer) throws Exception {
    RecordingDestination destination = new RecordingDestination();
    try (MemoryStore store = new MemoryStore(PostgresLayer.builder(login, "it").build());
        Pipeline pipeline =
            Pipeline.create(
                PipelineConfig.builder("it", "pub", login).build(), store, destination)) {
      pipeline.start();
      assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
      execute(writer, "insert into items values (2)");
      destination.awaitChanges("items", 1);
      assertThat(destination.copiedRows("items")).hasSize(1);
    }
  }

  private static Connection open(PgConnectionConfig login) throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {login.host()});
    source.setPortNumbers(new int[] {login.port()});
    source.setDatabaseName(DATABASE);
    source.setUser(login.username());
    source.setPassword(PASSWORD);
    return source.getConnection();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
