package dev.pgetl.it.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.ClientCertificate;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.config.TlsConfig.ChannelBinding;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An address apart from the name that TLS verifies, client certificates, channel binding. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecureLoginIT {
  /** No resolver knows it. */
  private static final String NAME = "db.example.invalid";

  private static final String PASSWORD = "canary-51d0";

  private final PostgresCluster cluster = PostgresCluster.builder().start();
  private final TestCertificate server = TestCertificate.issue(NAME);
  private final TestCertificate first = TestCertificate.issue("certified");
  private final TestCertificate second = TestCertificate.issue("certified");
  private final TlsConfig trusting = TlsConfig.trusting(server.certificatePem());
  private TestDatabase database = cluster.createDatabase();
  @TempDir private Path folder;

  @BeforeAll
  void secure() {
    for (String role : new String[] {"etl", "by_password", "by_trust", "certified"}) {
      database.execute("create role %s login replication password '%s'".formatted(role, PASSWORD));
    }
    cluster.useCertificate(server);
    cluster.accessRules(
        "hostssl all certified all cert",
        "hostssl all by_password all password",
        "hostssl all by_trust all trust");
    database.close();
  }

  @BeforeEach
  void createTable() {
    database = cluster.createDatabase();
    database.execute(
        """
        create table t(id int primary key); insert into t values (0);
        grant select on t to public; create publication pub for table t;
        """);
  }

  @AfterAll
  void stopCluster() {
    cluster.close();
  }

  private PgConnectionConfig.Builder to(String host, String role, TlsConfig tls) {
    return PgConnectionConfig.builder(host, database.name(), role)
        .port(cluster.server().port())
        .address("localhost")
        .password(PASSWORD)
        .tls(tls);
  }

  private Scenario scenario(UnaryOperator<PgConnectionConfig.Builder> connection) {
    return Scenario.on(database).connection(connection);
  }

  private static void insertAndAwait(Scenario scenario, int id) throws InterruptedException {
    scenario.source().execute("insert into t values (" + id + ")");
    scenario.awaitApplied();
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "t");
  }

  private EtlException failure(PgConnectionConfig.Builder connection) {
    try (SourceDatabase source = new SourceDatabase(connection.build(), "it", Platform.jvm())) {
      EtlException failure = catchThrowableOfType(EtlException.class, source::slots);
      assertThat(failure).isNotNull().hasMessageNotContaining(PASSWORD);
      return failure;
    }
  }

  @Test
  void verifiesTheNameWhereverTheConnectionGoes() throws InterruptedException {
    try (Scenario scenario = scenario(plain -> to(NAME, "etl", trusting)).start()) {
      scenario.awaitReady();
      insertAndAwait(scenario, 1);
      assertThat(
              database.value(
                  "select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid)"
                      + " where application_name like 'pgetl/it/%'"))
          .isEqualTo("t");
      scenario.stop();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"other.example.invalid", "localhost", "127.0.0.1"})
  void refusesAServerWithAnotherName(String host) {
    EtlException failure = failure(to(host, "etl", trusting));
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
    assertThat(failure)
        .hasMessageContaining("the server's certificate does not name " + host)
        .hasMessageContaining("tls.trustedRootCerts");
  }

  /** Nothing looks the name up. */
  @Test
  void anAddressAloneIsEnoughWithoutEncryption() {
    PgConnectionConfig config = to(NAME, "etl", TlsConfig.DISABLED).build();
    try (SourceDatabase source = new SourceDatabase(config, "it", Platform.jvm())) {
      assertThat(source.slots()).isEmpty();
    }
  }

  @Test
  void bindsTheLoginToTheChannelIfThatIsRequired() throws InterruptedException {
    TlsConfig bound = trusting.withChannelBinding(ChannelBinding.REQUIRE);
    try (Scenario scenario = scenario(plain -> to(NAME, "etl", bound)).start()) {
      scenario.awaitReady();
      insertAndAwait(scenario, 1);
      scenario.stop();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"by_password", "by_trust"})
  void refusesALoginThatIsNotBoundIfThatIsRequired(String role) {
    try (SourceDatabase source =
        new SourceDatabase(to(NAME, role, trusting).build(), "it", Platform.jvm())) {
      assertThat(source.slots()).isEmpty();
    }
    EtlException failure =
        failure(to(NAME, role, trusting.withChannelBinding(ChannelBinding.REQUIRE)));
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
    assertThat(failure).hasMessageContainingAll("hannel", "inding");
  }

  @Test
  void refusesAServerWithoutTlsIfChannelBindingIsRequired() {
    cluster.set("ssl", "off");
    try {
      EtlException failure =
          failure(to(NAME, "etl", trusting.withChannelBinding(ChannelBinding.REQUIRE)));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
    } finally {
      cluster.set("ssl", "on");
    }
  }

  @Test
  void logsInWithACertificateThatIsReplaced() throws Exception {
    Path chain = folder.resolve("client.crt");
    Path key = folder.resolve("client.key");
    write(first, chain, key);
    cluster.trustClients(first);
    Retries retries = new Retries();
    TlsConfig tls = trusting.withClientCertificateFrom(() -> ClientCertificate.ofFiles(chain, key));
    try (Scenario scenario =
        scenario(plain -> to(NAME, "certified", tls).password(""))
            .listener(retries)
            .options(
                options ->
                    options
                        .tableErrorRetryDelay(Duration.ofMillis(20))
                        .tableErrorRetryMaxAttempts(1_000))
            .start()) {
      scenario.awaitReady();
      insertAndAwait(scenario, 1);

      cluster.trustClients(second);
      cutConnections();
      await().until(() -> retries.saw("heck tls.clientCertificate"));
      Files.writeString(chain, second.certificatePem());
      await().until(() -> retries.saw("the private key is not the key of the certificate"));
      write(second, chain, key);
      insertAndAwait(scenario, 2);
      assertThat(retries.failures())
          .allSatisfy(e -> assertThat(e.retry()).isEqualTo(RetryDirective.TIMED));
      scenario.stop();
    }
  }

  private static void write(TestCertificate certificate, Path chain, Path key) throws IOException {
    Files.writeString(chain, certificate.certificatePem());
    Files.writeString(key, certificate.privateKeyPem().reveal());
  }

  private void cutConnections() {
    database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'certified'");
  }

  @Test
  void saysThatTheServerRefusesTheCertificate() {
    cluster.trustClients(second);
    TlsConfig shown =
        trusting.withClientCertificate(
            ClientCertificate.of(first.certificatePem(), first.privateKeyPem()));
    assertThat(failure(to(NAME, "certified", shown)))
        .hasMessageContaining("heck tls.clientCertificate");

    EtlException without = failure(to(NAME, "certified", trusting));
    assertThat(without.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
    assertThat(without.retry()).isEqualTo(RetryDirective.MANUAL);
    assertThat(without).hasMessageContaining("certificate");
  }
}
