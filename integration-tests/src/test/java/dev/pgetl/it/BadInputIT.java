package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * S50, S75: a start that cannot work ends soon, says why and what to do, and leaves nothing behind.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {
  private static final String PASSWORD = "canary-6f1c";

  private final PostgresCluster cluster = PostgresCluster.builder().start();
  private final TestCertificate certificate = TestCertificate.issue("localhost");
  private TestDatabase database = cluster.createDatabase();

  @BeforeAll
  void createRoles() {
    database.execute(
        "create role etl login replication password '"
            + PASSWORD
            + "';"
            + " create role reader login password '"
            + PASSWORD
            + "'; create role tls_only login replication password '"
            + PASSWORD
            + "'");
    cluster.useCertificate(certificate);
    cluster.accessRules(
        "hostssl all tls_only all scram-sha-256", "hostnossl all tls_only all reject");
    database.close();
  }

  @BeforeEach
  void createTables() {
    database = cluster.createDatabase();
    database.execute(
        """
        create table t(id int primary key, v text); insert into t values (1, 'a');
        grant select on t to etl, reader, tls_only;
        create publication pub for table t; create publication pub_empty;
        """);
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @AfterAll
  void stopCluster() {
    cluster.close();
  }

  @Test
  void aHostThatDoesNotExist() {
    EtlException failure = failure(builder("no-such-host.invalid", "etl"), "pub");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
  }

  @Test
  void aPortNobodyListensOn() {
    EtlException failure =
        failure(database.connection().username("etl").password(PASSWORD).port(1), "pub");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
  }

  @Test
  void aWrongPassword() {
    EtlException failure =
        failure(database.connection().username("etl").password("wrong-" + PASSWORD), "pub");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
    assertThat(failure.retry()).isEqualTo(RetryDirective.MANUAL);
  }

  @Test
  void aDatabaseThatDoesNotExist() {
    PgConnectionConfig.Builder builder =
        PgConnectionConfig.builder(cluster.server().host(), "no_such_database", "etl")
            .port(cluster.server().port())
            .password(PASSWORD);
    EtlException failure = failure(builder, "pub");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
    assertThat(failure.getMessage()).contains("no_such_database");
  }

  @Test
  void aPublicationThatDoesNotExist() {
    EtlException failure = failure(etl(), "no_such_publication");
    assertThat(failure.kind()).isEqualTo(ErrorKind.PUBLICATION_MISSING);
    assertThat(failure.getMessage()).contains("no_such_publication").contains("CREATE PUBLICATION");
  }

  @Test
  void aPublicationWithoutTables() {
    EtlException failure = failure(etl(), "pub_empty");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
    assertThat(failure.getMessage()).contains("pub_empty").contains("ALTER PUBLICATION");
  }

  /** A deployment may create its tables later. */
  @Test
  void aPublicationForAllTablesMayBeEmpty() throws InterruptedException {
    database.execute("drop publication pub; drop table t; create publication pub for all tables");
    try (Scenario scenario =
        Scenario.on(database)
            .options(options -> options.publicationRefreshInterval(Duration.ofMillis(200)))
            .start()) {
      database.execute("create table later(id int primary key); insert into later values (1)");
      scenario.awaitReady("later");
      assertThat(scenario.destination().copiedRows("later")).hasSize(1);
      scenario.stop();
    }
    database = cluster.createDatabase();
  }

  @Test
  void aRoleWithoutReplication() {
    EtlException failure =
        failure(database.connection().username("reader").password(PASSWORD), "pub");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_PERMISSION);
    assertThat(failure.getMessage()).contains("ALTER ROLE \"reader\" REPLICATION");
  }

  @Test
  void aServerThatDemandsTls() {
    EtlException failure =
        failure(database.connection().username("tls_only").password(PASSWORD), "pub");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
  }

  @Test
  void aCertificateOfAnUnknownAuthority() {
    EtlException failure =
        failure(
            builder("localhost", "tls_only")
                .tls(TlsConfig.trusting(TestCertificate.issue("localhost").certificatePem())),
            "pub");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
  }

  @Test
  void aCertificateOfAnotherHost() {
    EtlException failure =
        failure(
            builder("127.0.0.1", "tls_only").tls(TlsConfig.trusting(certificate.certificatePem())),
            "pub");
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
  }

  @Test
  void withTheRightAuthorityEverythingIsEncrypted() throws InterruptedException {
    PgConnectionConfig connection =
        builder("localhost", "tls_only")
            .tls(TlsConfig.trusting(certificate.certificatePem()))
            .build();
    RecordingDestination destination = new RecordingDestination();
    try (Pipeline pipeline =
        Pipeline.create(config(connection, "pub"), new MemoryStore(), destination)) {
      pipeline.start();
      assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
      database.execute("insert into t values (2, 'b')");
      assertThat(pipeline.awaitApplied(database.currentLsn(), Scenario.PATIENCE)).isTrue();
      assertThat(
              database.value(
                  "select bool_and(ssl)::text from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'tls_only'"))
          .isEqualTo("true");
    }
    DeliveryAssert.assertThat(destination).converged(database, "t");
  }

  private PgConnectionConfig.Builder etl() {
    return database.connection().username("etl").password(PASSWORD);
  }

  private PgConnectionConfig.Builder builder(String host, String user) {
    return PgConnectionConfig.builder(host, database.name(), user)
        .port(cluster.server().port())
        .password(PASSWORD);
  }

  private static PipelineConfig config(PgConnectionConfig connection, String publication) {
    return PipelineConfig.builder("bad", publication, connection).build();
  }

  /**
   * Starts a pipeline that must not start within the connect timeout; nothing may be left, and
   * nothing told.
   */
  private EtlException failure(PgConnectionConfig.Builder connection, String publication) {
    RecordingDestination destination = new RecordingDestination();
    MemoryStore store = new MemoryStore();
    PgConnectionConfig config = connection.connectTimeout(Duration.ofSeconds(10)).build();
    Pipeline pipeline = Pipeline.create(config(config, publication), store, destination);
    long begin = System.nanoTime();
    EtlException failure = catchThrowableOfType(EtlException.class, pipeline::start);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(12));
    assertThat(failure).isNotNull();
    assertThat(failure.getMessage()).isNotBlank();
    assertThat(trace(failure)).doesNotContain(PASSWORD);
    assertThat(database.slots()).isEmpty();
    assertThat(store.getTableReplicationStates()).isEmpty();
    assertThat(destination.calls(Operation.STARTUP)).isEmpty();
    return failure;
  }

  private static String trace(EtlException failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
