package dev.pgetl.it.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.it.Scenario;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A cluster of several servers, one of which is the primary. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeveralHostsIT {
  private static final PgHost NOBODY = PgHost.of("localhost", 1);

  private Retries retries = new Retries();
  private final PostgresCluster primary = PostgresCluster.builder().start();
  private final PostgresCluster standby = primary.startStandby();
  private final TestDatabase onStandby = standby.server().database("postgres");
  private TestDatabase database = primary.createDatabase();

  @BeforeAll
  void dropFirst() {
    database.close();
  }

  @BeforeEach
  void createTable() {
    retries = new Retries(); // no test sees what another one retried
    database = primary.createDatabase();
    database.execute(
        """
        create table t(id int primary key); insert into t values (0); create publication pub for table t;
        """);
  }

  @AfterAll
  void stopClusters() {
    standby.close();
    primary.close();
  }

  private static PgHost host(PostgresCluster cluster) {
    return PgHost.of(cluster.server().host(), cluster.server().port());
  }

  private PgConnectionConfig.Builder on(PgHost... hosts) {
    return PgConnectionConfig.builder(List.of(hosts), database.name(), primary.server().username())
        .password(primary.server().password().reveal())
        .connectTimeout(Duration.ofSeconds(5));
  }

  private Scenario scenario(PgHost... hosts) {
    return Scenario.on(database)
        .listener(retries)
        .options(options -> options.tableErrorRetryMaxAttempts(1_000))
        .connection(single -> on(hosts));
  }

  private static void insertAndAwait(Scenario scenario, int id) throws InterruptedException {
    scenario.source().execute("insert into t values (" + id + ")");
    scenario.awaitApplied();
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "t");
  }

  @Test
  void passesOverAHostThatCannotBeReached() throws InterruptedException {
    try (Scenario scenario = scenario(NOBODY, host(primary)).start()) {
      scenario.awaitReady();
      insertAndAwait(scenario, 1);
      scenario.stop();
    }
  }

  @Test
  void passesOverAStandby() throws InterruptedException {
    awaitOnStandby();
    try (MemoryStore store =
            new MemoryStore(
                PostgresLayer.builder(on(host(standby), host(primary)).build(), "it").build());
        Scenario scenario = scenario(host(standby), host(primary)).store(store).start()) {
      scenario.awaitReady();
      insertAndAwait(scenario, 1);
      String ours = "select count(*) from pg_stat_activity where application_name like 'pgetl/%'";
      await().atMost(Scenario.PATIENCE).until(() -> onStandby.value(ours).equals("0"));
      assertThat(database.value(ours)).isNotEqualTo("0");
      scenario.stop();
    }
  }

  /** The standby has the database. */
  private void awaitOnStandby() {
    String there = "select count(*) from pg_database where datname = '" + database.name() + "'";
    await().atMost(Scenario.PATIENCE).until(() -> onStandby.value(there).equals("1"));
  }

  /** The standby is promoted by the operator, or not; the pipeline waits and says for what. */
  @Test
  void waitsWhileNoHostIsAPrimary() throws InterruptedException {
    awaitOnStandby();
    try (MemoryStore store = new MemoryStore();
        Scenario scenario = scenario(host(primary), host(standby)).store(store).start()) {
      scenario.awaitReady();
      primary.stop(StopMode.FAST);
      try {
        await()
            .until(
                () ->
                    retries.saw(host(primary) + ": ")
                        && retries.saw(host(standby) + ": the server is a standby"));
      } finally {
        primary.start();
      }
      insertAndAwait(scenario, 1);
      assertThat(retries.failures())
          .allSatisfy(e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE))
          .allSatisfy(e -> assertThat(e.retry()).isEqualTo(RetryDirective.TIMED));
      scenario.stop();
    }
  }

  /** Until then it may be promoted, but by nothing that the pipeline does. */
  @Test
  void aStartFailsIfNoHostIsAPrimary() {
    awaitOnStandby();
    EtlException several = failure(scenario(NOBODY, host(standby)));
    assertThat(several.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
    assertThat(several)
        .hasMessageContaining("localhost:1: ")
        .hasMessageContaining(host(standby) + ": the server is a standby");

    EtlException single = failure(scenario(host(standby)));
    assertThat(single.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
    assertThat(single).hasMessageContaining("the server is a standby");
  }

  private static EtlException failure(Scenario scenario) {
    EtlException failure = catchThrowableOfType(EtlException.class, scenario::start);
    scenario.pipeline().close();
    return failure;
  }

  /** A position of the old timeline says nothing about the new one. */
  @Test
  void aPromotedHostMustProveThatItIsTheServerThatIsKnown() throws InterruptedException {
    awaitOnStandby();
    try (PostgresCluster other = primary.startStandby();
        Scenario scenario = scenario(host(other), host(primary)).start()) {
      scenario.awaitReady();
      other.promote();
      cutConnections();
      insertAndAwait(scenario, 1); // the primary was good last
      primary.stop(StopMode.FAST);
      try {
        EtlException failure =
            catchThrowableOfType(
                EtlException.class, () -> scenario.pipeline().awaitTermination(Scenario.PATIENCE));
        assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_LOST);
      } finally {
        primary.start();
      }
    }
  }

  /** An address that leads to a standby for a while: nothing is lost there. */
  @Test
  void aSingleHostThatIsAStandbyIsWaitedFor() throws Exception {
    try (PostgresCluster cluster = PostgresCluster.builder().start()) {
      database = cluster.createDatabase();
      database.execute("create table t(id int primary key); create publication pub for table t");
      Path signal = cluster.dataDirectory().resolve("standby.signal");
      try (Scenario scenario =
          Scenario.on(database)
              .listener(retries)
              .options(options -> options.tableErrorRetryMaxAttempts(1_000))
              .start()) {
        scenario.awaitReady();
        cluster.stop(StopMode.FAST);
        Files.createFile(signal);
        cluster.start();
        await().until(() -> retries.saw("failed: the server is a standby"));
        cluster.stop(StopMode.FAST);
        Files.delete(signal);
        cluster.start();
        insertAndAwait(scenario, 1);
        scenario.stop();
      }
    }
  }

  private void cutConnections() {
    database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgetl/it/%'");
  }
}
