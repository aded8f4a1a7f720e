package dev.pgetl.testkit.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

// tag::database[]
@ExtendWith(PostgresExtension.class)
class DatabaseExamplesIT {
  @Test
  void everyTestHasADatabaseOfItsOwn(TestDatabase database) {
    database.execute(
        "create table users (id bigint primary key, name text); create publication pub for table users");
    database.execute("insert into users values (1, 'Ada')");

    assertThat(database.value("select name from users")).isEqualTo("Ada");
    assertThat(database.slots()).isEmpty();
    PgConnectionConfig connection = database.connectionConfig(); // for PipelineConfig
    assertThat(connection.name()).isEqualTo(database.name());
  }

  // end::database[]

  // tag::cluster[]
  @Test
  void aClusterCanBeKilled() {
    try (PostgresCluster cluster =
            PostgresCluster.builder().durable().set("work_mem", "8MB").start();
        TestDatabase database = cluster.createDatabase()) {
      database.execute("create table t (x int); insert into t values (1)");
      cluster.kill(); // SIGKILL, all processes
      cluster.start(); // on the same port
      assertThat(database.value("select count(*) from t")).isEqualTo("1");

      TestCertificate certificate = TestCertificate.issue("localhost");
      cluster.useCertificate(certificate); // TlsConfig.trusting(certificate.certificatePem())
      cluster.accessRules("hostssl all etl all scram-sha-256", "host all etl all reject");
      cluster.set("max_slot_wal_keep_size", "1MB");
      cluster.restart(PostgresCluster.StopMode.FAST);
    }
  }

  // end::cluster[]

  // tag::proxy[]
  @Test
  void aProxyBreaksTheNetwork(TestDatabase database) {
    try (TcpProxy proxy = TcpProxy.to(database.server().host(), database.server().port())) {
      PgConnectionConfig connection = database.connection().port(proxy.port()).build();
      assertThat(connection.port()).isEqualTo(proxy.port());
      proxy.swallowStatusMessages(); // the server does not learn what was acknowledged
      proxy.stall(); // nothing moves, nothing is lost
      proxy.halfOpen(); // everything is read and lost, sockets stay open
      proxy.heal();
      proxy.cut(); // resets what is open
    }
  }
  // end::proxy[]
}
