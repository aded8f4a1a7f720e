package dev.pgetl.it.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.Credentials;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.it.LogRecorder;
import dev.pgetl.it.Scenario;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Passwords, tokens and roles that change while a pipeline runs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChangingCredentialsIT {
  /** {@code -Dit.expiries=…} makes it a long run. */
  private static final int EXPIRIES = Integer.getInteger("it.expiries", 5);

  private final PostgresCluster cluster = PostgresCluster.builder().start();
  private TestDatabase database = cluster.createDatabase();
  private final Vault vault = new Vault("");

  @BeforeAll
  void createRoles() {
    database.execute(
        """
        create role etl login replication;
        create role etl_a login replication in role pg_read_all_stats, pg_signal_backend;
        create role etl_b login replication in role pg_read_all_stats, pg_signal_backend;
        """);
    database.close();
  }

  @BeforeEach
  void createTable() {
    database = cluster.createDatabase();
    database.execute(
        """
        create table t(id int primary key, v text); insert into t values (0, 'a');
        grant select on t to etl, etl_a, etl_b;
        create publication pub for table t;
        """);
    renew("token-0");
    vault.hold("token-0");
    vault.forget();
  }

  @AfterAll
  void stopCluster() {
    cluster.close();
  }

  /** What was valid so far is refused from now on. */
  private void renew(String token) {
    for (String role : List.of("etl", "etl_a", "etl_b")) {
      database.execute("alter role %s password '%s'".formatted(role, token));
    }
  }

  private void cutConnections() {
    database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'etl%'");
  }

  private PgConnectionConfig.Builder asking(PgConnectionConfig.Builder builder) {
    return builder.username("etl").password("").passwordFrom(vault::ask);
  }

  private Scenario scenario() {
    return Scenario.on(database).connection(this::asking);
  }

  @Test
  void theStreamAndItsStoreLiveThroughExpiries() throws Exception {
    database.execute("grant create on database " + database.name() + " to etl");
    PgConnectionConfig config = asking(database.connection()).build();
    try (LogRecorder log = LogRecorder.started();
        MemoryStore store = new MemoryStore(PostgresLayer.builder(config, "it").build());
        Scenario scenario = scenario().store(store).start()) {
      scenario.awaitReady();
      for (int expiry = 1; expiry <= EXPIRIES; expiry++) {
        renew("token-" + expiry);
        int asked = vault.asked();
        cutConnections();
        await().until(() -> vault.asked() > asked); // the vault is late: this one is refused
        vault.hold("token-" + expiry);
        database.execute("insert into t values (%d, 'b')".formatted(expiry));
        scenario.awaitApplied();
      }
      assertThat(scenario.pipeline().status().failure()).isEmpty();
      DeliveryAssert.assertThat(scenario.destination()).converged(database, "t");
      assertThat(log.lines("token-")).isEmpty();
      scenario.stop();
    }
    assertThat(vault.threads()).allMatch(name -> name.startsWith("etl-it-") || name.equals("main"));
  }

  @Test
  void nothingIsLockedWhileCredentialsAreAskedFor() throws Exception {
    try (Scenario scenario = scenario().start()) {
      scenario.awaitReady();
      cutConnections();
      database.execute("insert into t values (1, 'b')");
      scenario.awaitApplied();
      scenario.stop();
    }
    assertThat(vault.asked()).isGreaterThan(4);
    assertThat(vault.locks()).isEmpty();
  }

  @Test
  void aVaultThatIsAwayIsRetriedAndItsMessageIsNotRepeated() throws Exception {
    Retries retries = new Retries();
    try (LogRecorder log = LogRecorder.started();
        Scenario scenario = scenario().listener(retries).start()) {
      scenario.awaitReady();
      vault.close();
      cutConnections();
      await().until(() -> retries.saw("ask for the credentials failed"));
      vault.open();
      database.execute("insert into t values (1, 'b')");
      scenario.awaitApplied();
      assertThat(retries.failures())
          .filteredOn(failure -> failure.getMessage().contains("ask for the credentials"))
          .allSatisfy(
              failure -> {
                assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
                assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
                assertThat(failure).hasMessageNotContaining("canary");
              });
      assertThat(log.lines("canary")).isEmpty();
      scenario.stop();
    }
  }

  /** Sessions of one role have to see those of the other. */
  @Test
  void theRoleMayChangeFromConnectionToConnection() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    Credentials.Source alternating =
        host ->
            Credentials.of(connections.incrementAndGet() % 2 == 0 ? "etl_a" : "etl_b", vault.ask());
    try (Scenario scenario =
        Scenario.on(database)
            .connection(b -> b.username("").password("").credentialsFrom(alternating))
            .start()) {
      scenario.awaitReady();
      for (int cut = 1; cut <= 3; cut++) {
        cutConnections();
        database.execute("insert into t values (%d, 'b')".formatted(cut));
        scenario.awaitApplied();
      }
      DeliveryAssert.assertThat(scenario.destination()).converged(database, "t");
      scenario.stop();
    }
  }

  @Test
  void saysWhatARoleNeedsToSeeTheSessionsOfAnother() {
    AtomicInteger connections = new AtomicInteger();
    Credentials.Source alternating =
        host -> Credentials.of(connections.incrementAndGet() % 2 == 0 ? "etl" : "etl_a", "token-0");
    try (Scenario scenario =
        Scenario.on(database)
            .connection(b -> b.username("").password("").credentialsFrom(alternating))) {
      EtlException failure = catchThrowableOfType(EtlException.class, scenario::start);
      assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_IN_USE);
      assertThat(failure).hasMessageContaining("GRANT pg_read_all_stats to both");
    }
  }

  @Test
  void aVaultThatHangsHoldsUpNoOneWhoGetsAnAnswer() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    PgConnectionConfig config =
        database
            .connection()
            .username("etl")
            .password("")
            .passwordFrom(
                () -> {
                  if (Thread.currentThread().getName().equals("hanging")) {
                    hanging.countDown();
                    answer.await();
                  }
                  return "token-0";
                })
            .build();
    try (SourceDatabase source = new SourceDatabase(config, "it", Platform.jvm())) {
      FutureTask<Integer> waiting = new FutureTask<>(() -> source.slots().size());
      new Thread(waiting, "hanging").start();
      assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
      FutureTask<Integer> quick = new FutureTask<>(() -> source.slots().size());
      new Thread(quick, "quick").start();
      assertThat(quick.get(30, TimeUnit.SECONDS)).isZero();
      assertThat(waiting.isDone()).isFalse();
      answer.countDown();
      assertThat(waiting.get(30, TimeUnit.SECONDS)).isZero();
      assertThat(controlSessions()).hasSize(1);
    }
  }

  @Test
  void aPipelineEndsAlthoughTheVaultHangs() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicBoolean hanging = new AtomicBoolean();
    Callable<String> source =
        () -> {
          if (hanging.get()) {
            hangs.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              interrupted.countDown();
              throw e;
            }
          }
          return "token-0";
        };
    try (Scenario scenario =
        Scenario.on(database)
            .connection(b -> b.username("etl").password("").passwordFrom(source))
            .options(options -> options.shutdownTimeout(Duration.ofMillis(500)))
            .start()) {
      scenario.awaitReady();
      hanging.set(true);
      cutConnections();
      assertThat(hangs.await(30, TimeUnit.SECONDS)).isTrue();
      scenario.pipeline().close();
      assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(scenario.pipeline().awaitTermination(Duration.ofSeconds(30))).isTrue();
    }
  }

  @Test
  void aConnectionThatComesAfterTheEndIsNotOpened() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    PgConnectionConfig config =
        database
            .connection()
            .username("etl")
            .password("")
            .passwordFrom(
                () -> {
                  asked.countDown();
                  answer.await();
                  return "token-0";
                })
            .build();
    SourceDatabase source = new SourceDatabase(config, "it", Platform.jvm());
    FutureTask<EtlException> late =
        new FutureTask<>(() -> catchThrowableOfType(EtlException.class, source::slots));
    new Thread(late, "late").start();
    assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
    source.close();
    answer.countDown();
    assertThat(late.get(30, TimeUnit.SECONDS)).hasMessage("the source was closed");
  }

  private List<?> controlSessions() {
    String ours = "select pid from pg_stat_activity where application_name = 'pgetl/it/control'";
    await().until(() -> database.query(ours).size() <= 1);
    return database.query(ours);
  }

  /** It happens on the thread that keeps the stream alive. */
  @Test
  void lookingForAServerThatStopsAsksForNothing() {
    try (SourceDatabase source =
        new SourceDatabase(asking(database.connection()).build(), "it", Platform.jvm())) {
      source.slots();
      int asked = vault.asked();
      long refused = refusedLogins();
      assertThat(source.probe()).isGreaterThan(Lsn.ZERO);
      renew("token-1");
      for (int i = 0; i < 3; i++) {
        assertThat(source.probe()).isEqualTo(Lsn.ZERO);
      }
      assertThat(vault.asked()).isEqualTo(asked);
      assertThat(refusedLogins() - refused).as("servers count wrong passwords").isEqualTo(1);
    }
  }

  private long refusedLogins() {
    return cluster.log().lines().filter(line -> line.contains("authentication failed")).count();
  }
}
