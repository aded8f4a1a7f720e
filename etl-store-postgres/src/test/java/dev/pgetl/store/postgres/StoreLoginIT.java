package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.ClientCertificate;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.config.TlsConfig.ChannelBinding;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The store connects in all the ways that a pipeline does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreLoginIT {
  private static final String NAME = "db.example.invalid";

  private final PostgresCluster cluster = PostgresCluster.builder().start();
  private TestDatabase database = cluster.createDatabase();

  @BeforeEach
  void createDatabase() {
    database.close();
    database = cluster.createDatabase();
  }

  @AfterEach
  void openToAll() {
    cluster.accessRules();
  }

  @AfterAll
  void stopCluster() {
    cluster.close();
  }

  private static PostgresLayer layer(PgConnectionConfig.Builder connection) {
    return PostgresLayer.builder(connection.build(), "orders").build();
  }

  private static void assertWorks(PgConnectionConfig.Builder connection) {
    try (PostgresLayer layer = layer(connection)) {
      layer.proveOwnership();
    }
  }

  private static EtlException failure(PgConnectionConfig.Builder connection) {
    try (PostgresLayer layer = layer(connection)) {
      EtlException failure = catchThrowableOfType(EtlException.class, layer::proveOwnership);
      assertThat(failure.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
      return failure;
    }
  }

  @Test
  void verifiesTheNameAndShowsACertificate() {
    TestCertificate server = TestCertificate.issue(NAME);
    TestCertificate client = TestCertificate.issue("certified");
    database.execute("create role certified login");
    database.execute("grant create on database %s to certified".formatted(database.name()));
    cluster.useCertificate(server);
    cluster.trustClients(client);
    cluster.accessRules("hostssl all certified all cert");
    TlsConfig trusting = TlsConfig.trusting(server.certificatePem());
    TlsConfig showing =
        trusting.withClientCertificateFrom(
            () -> ClientCertificate.of(client.certificatePem(), client.privateKeyPem()));

    assertWorks(certified(NAME).tls(showing));
    assertThat(failure(certified(NAME).tls(trusting)).retry()).isEqualTo(RetryDirective.MANUAL);
    assertThat(failure(certified("other.example.invalid").tls(showing)))
        .hasMessageContaining("does not name other.example.invalid");
  }

  private PgConnectionConfig.Builder certified(String host) {
    return PgConnectionConfig.builder(host, database.name(), "certified")
        .port(cluster.server().port())
        .address("localhost");
  }

  @Test
  void bindsTheLoginToTheChannelIfThatIsRequired() {
    TestCertificate server = TestCertificate.issue("localhost");
    cluster.useCertificate(server);
    TlsConfig bound =
        TlsConfig.trusting(server.certificatePem()).withChannelBinding(ChannelBinding.REQUIRE);
    assertWorks(database.connection().tls(bound));
    cluster.accessRules("hostssl all all all trust");
    assertThat(failure(database.connection().tls(bound)).retry()).isEqualTo(RetryDirective.MANUAL);
  }

  @Test
  void saysWhatEachHostAnswered() {
    try (PostgresCluster standby = cluster.startStandby()) {
      PgHost nowhere = PgHost.of("localhost", 1);
      PgHost other = PgHost.of("localhost", standby.server().port());
      PgHost primary = PgHost.of("localhost", cluster.server().port());
      assertWorks(several(nowhere, other, primary));
      EtlException failure = failure(several(nowhere, other));
      assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
      assertThat(failure)
          .hasMessageContaining("localhost:1: ")
          .hasMessageContaining(other + ": the server is a standby");
    }
  }

  private PgConnectionConfig.Builder several(PgHost... hosts) {
    return PgConnectionConfig.builder(List.of(hosts), "postgres", cluster.server().username())
        .password(cluster.server().password().reveal());
  }

  @Test
  void aWrongPasswordIsRetriedIfItMayChange() {
    PgConnectionConfig.Builder fixed = database.connection().password("wrong");
    assertThat(failure(fixed).retry()).isEqualTo(RetryDirective.MANUAL);
    PgConnectionConfig.Builder asking =
        database.connection().password("").passwordFrom(() -> "wrong");
    assertThat(failure(asking).retry()).isEqualTo(RetryDirective.TIMED);
  }

  @Test
  void closesWhileTheSourceOfCredentialsHangs() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    PgConnectionConfig.Builder asking =
        database
            .connection()
            .password("")
            .passwordFrom(
                () -> {
                  hanging.countDown();
                  answer.await();
                  return cluster.server().password().reveal();
                });
    PostgresLayer layer = layer(asking);
    FutureTask<Boolean> call =
        new FutureTask<>(
            () -> {
              layer.proveOwnership();
              return true;
            });
    new Thread(call, "hanging").start();
    assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
    FutureTask<Boolean> close =
        new FutureTask<>(
            () -> {
              layer.close();
              return true;
            });
    new Thread(close, "close").start();
    assertThat(close.get(30, TimeUnit.SECONDS)).isTrue();
    answer.countDown();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> call.get(30, TimeUnit.SECONDS))
        .withCauseInstanceOf(IllegalStateException.class);
    String ours = "select 1 from pg_stat_activity where application_name = 'pgetl/orders/store'";
    await("the connection that came too late is closed")
        .until(() -> database.query(ours).isEmpty());
  }
}
