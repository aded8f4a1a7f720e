package dev.pgetl.examples.tls;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.examples.destination.JsonLinesDestination;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Reads from a Postgres over TLS, as {@code sslmode=verify-full} would: the server must show a
 * certificate that an authority of the given file has signed, for the host name in the URL. There
 * is no mode that encrypts without checking. The role logs in with its password; client
 * certificates are not supported.
 *
 * <pre>
 * examples/run tls.OwnPostgresWithTls    # against a server of its own
 * PGPASSWORD=… examples/run tls.OwnPostgresWithTls \
 *     'jdbc:postgresql://db.example.com/shop?user=etl' publication root.pem changes.jsonl
 * </pre>
 *
 * <p>The last argument is the file that {@link JsonLinesDestination} appends to.
 */
public final class OwnPostgresWithTls {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String ENCRYPTION =
      "select distinct version || ' ' || cipher from pg_stat_ssl join pg_stat_activity using (pid)"
          + " where usename = 'etl'";

  private OwnPostgresWithTls() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 4) {
      PgConnectionConfig source = source(arguments[0], Path.of(arguments[2]));
      Path file = Path.of(arguments[3]);
      try (MemoryStore store = new MemoryStore(FileLayer.open(Path.of(file + ".state")));
          Pipeline pipeline = pipeline(source, arguments[1], store, file)) {
        pipeline.start();
        pipeline.awaitTermination();
      }
    } else {
      demonstrate();
    }
  }

  /** The password is in {@code PGPASSWORD}, so no process list shows it. */
  private static PgConnectionConfig source(String jdbcUrl, Path rootCertificates)
      throws IOException {
    PgConnectionConfig.Builder source =
        PgConnectionConfig.jdbcUrl(jdbcUrl)
            .tls(TlsConfig.trusting(Files.readString(rootCertificates)));
    String password = System.getenv("PGPASSWORD");
    return (password == null ? source : source.password(password)).build();
  }

  private static Pipeline pipeline(
      PgConnectionConfig source, String publication, PipelineStore store, Path file) {
    PipelineConfig config = PipelineConfig.builder("own_postgres", publication, source).build();
    return Pipeline.create(config, store, new JsonLinesDestination(file));
  }

  /** A server whose role {@code etl} may connect with TLS only. */
  private static void demonstrate() throws IOException, InterruptedException {
    TestCertificate certificate = TestCertificate.issue("localhost");
    try (PostgresCluster server = PostgresCluster.builder().start();
        TestDatabase database = server.createDatabase()) {
      database.execute("create role etl login replication password 'etl'");
      database.execute("create table users (id int primary key, name text)");
      database.execute("insert into users values (1, 'Ada'); grant select on users to etl");
      database.execute("create publication pub for table users");
      server.useCertificate(certificate);
      server.accessRules("hostssl all etl all scram-sha-256", "hostnossl all etl all reject");

      read(database, TlsConfig.DISABLED);
      read(database, TlsConfig.trusting(TestCertificate.issue("localhost").certificatePem()));
      read(database, TlsConfig.trusting(certificate.certificatePem()));
    }
  }

  private static void read(TestDatabase database, TlsConfig tls)
      throws IOException, InterruptedException {
    PgConnectionConfig source =
        database.connection().username("etl").password("etl").tls(tls).build();
    Path file = Files.createTempFile("changes", ".jsonl");
    try (Pipeline pipeline = pipeline(source, "pub", new MemoryStore(), file)) {
      pipeline.start();
      pipeline.awaitReady(LIMIT);
      System.out.println("read with " + database.value(ENCRYPTION));
      Files.readAllLines(file).forEach(System.out::println);
    } catch (EtlException e) {
      System.out.println("refused: " + e.getMessage());
    } finally {
      Files.delete(file);
    }
  }
}
