package dev.pgetl.examples.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.examples.ExampleProcess;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnPostgresWithTlsIT {
  @TempDir private Path folder;

  @Test
  void readsOnlyFromAServerItCanTrust() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, OwnPostgresWithTls.class)) {
      assertThat(example.exitCode()).isZero();
      assertThat(example.output().lines())
          .satisfiesExactly(
              line -> assertThat(line).startsWith("refused: ").contains("no encryption"),
              line -> assertThat(line).startsWith("refused: ").contains("certificate"),
              line -> assertThat(line).startsWith("read with TLSv1."),
              line -> assertThat(line).contains("\"op\":\"truncate\""),
              line -> assertThat(line).contains("\"row\":{\"id\":\"1\",\"name\":\"Ada\"}"));
    }
  }

  @Test
  void readsFromOnesOwnServer() throws IOException {
    TestCertificate certificate = TestCertificate.issue("localhost");
    Path root = Files.writeString(folder.resolve("root.pem"), certificate.certificatePem());
    Path changes = folder.resolve("changes.jsonl");
    try (PostgresCluster server = PostgresCluster.builder().start();
        TestDatabase database = server.createDatabase()) {
      database.execute(
          """
          create role etl login replication password '%s';
          create table users (id int primary key); create publication pub for table users;
          grant select on users to etl; insert into users values (7)
          """
              .formatted(ExampleProcess.PASSWORD));
      server.useCertificate(certificate);
      server.accessRules("hostssl all etl all scram-sha-256", "hostnossl all etl all reject");
      String url = database.jdbcUrl() + "?user=etl";
      try (ExampleProcess example =
          ExampleProcess.start(
              folder, OwnPostgresWithTls.class, url, "pub", root.toString(), changes.toString())) {
        await()
            .atMost(Duration.ofMinutes(1))
            .untilAsserted(() -> assertThat(changes).content().contains("\"row\":{\"id\":\"7\"}"));
      }
    }
  }
}
