package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationSession;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The stream of a slot while server or network fail. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamFaultIT {
  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final TestCertificate CERTIFICATE = TestCertificate.issue("localhost");

  private PostgresCluster cluster;
  private TestDatabase database;
  private TcpProxy proxy;
  private SourceDatabase source;

  @BeforeAll
  void startCluster() {
    assumeThat(PostgresCluster.isPossible()).isTrue();
    cluster = PostgresCluster.builder().set("max_slot_wal_keep_size", "32MB").start();
    cluster.useCertificate(CERTIFICATE);
  }

  @BeforeEach
  void createSlot() {
    if (!cluster.isRunning()) {
      cluster.start();
    }
    database = cluster.createDatabase();
    database.execute(
        """
        create table t(id int primary key, v text);
        alter table t alter v set storage external;
        create publication pub for table t;
        """);
    proxy = TcpProxy.to("localhost", cluster.server().port());
    source = open(TlsConfig.DISABLED);
    source.createSlot(StreamReader.SLOT);
  }

  private SourceDatabase open(TlsConfig tls) {
    PgConnectionConfig config =
        PgConnectionConfig.builder("localhost", database.name(), cluster.server().username())
            .port(proxy.port())
            .password(cluster.server().password().reveal())
            .tls(tls)
            .connectTimeout(Duration.ofSeconds(3))
            .statusInterval(Duration.ofMillis(200))
            .walSenderTimeout(SILENCE)
            .build();
    return new SourceDatabase(config, "it", Platform.jvm());
  }

  @AfterEach
  void close() {
    source.close();
    proxy.close();
    if (!cluster.isRunning()) {
      cluster.start();
    }
    database.close();
  }

  @AfterAll
  void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void aHalfOpenConnectionIsNoticed() {
    try (StreamReader reader = new StreamReader(source)) {
      readUntilIdle(reader);
      proxy.halfOpen();
      long begin = System.nanoTime();
      EtlException failure = failureOf(reader);
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
      assertThat(failure).hasMessageContaining("has sent nothing");
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SILENCE.multipliedBy(3));
    }
  }

  @Test
  void aHalfOpenConnectionIsNoticedBeforeItStreams() {
    try (ReplicationSession session = source.openReplication("apply")) {
      proxy.halfOpen();
      long begin = System.nanoTime();
      EtlException failure =
          catchThrowableOfType(
              EtlException.class,
              () -> session.stream(StreamReader.SLOT, "pub", Lsn.ZERO, ValueFormat.TEXT));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SILENCE.multipliedBy(3));
    }
  }

  @Test
  void aHalfOpenConnectionIsNoticedInTheMiddleOfAMessage() {
    database.execute("insert into t values (1, repeat('x', 20000000))");
    try (StreamReader reader = new StreamReader(source)) {
      proxy.throttle(2_000_000);
      reader.readUntil(() -> reader.types().endsWith("R"));
      proxy.halfOpen();
      assertThat(failureOf(reader)).hasMessageContaining("has sent nothing");
    }
  }

  @Test
  void aMessageThatTakesLongerThanTheServerWaitsArrives() {
    readsSlowly(source);
  }

  @Test
  void aMessageThatTakesLongerThanTheServerWaitsArrivesEncrypted() {
    source.close();
    source = open(TlsConfig.trusting(CERTIFICATE.certificatePem()));
    readsSlowly(source);
  }

  private void readsSlowly(SourceDatabase slow) {
    database.execute("insert into t values (1, repeat('0123456789', 1000000))");
    try (StreamReader reader = new StreamReader(slow)) {
      proxy.throttle(2_000_000);
      reader.readCommits(1);
      assertThat(reader.inserted()).containsExactly("1");
    }
  }

  @Test
  void readsManySmallMessagesEncrypted() {
    source.close();
    source = open(TlsConfig.trusting(CERTIFICATE.certificatePem()));
    database.execute("insert into t select g, 'v' from generate_series(1, 100000) g");
    try (StreamReader reader = new StreamReader(source)) {
      reader.readCommits(1);
      assertThat(reader.inserted()).hasSize(100_000);
      reader.stream().confirm(reader.lastCommitEnd());
      reader.readUntil(
          () ->
              source
                  .slot(StreamReader.SLOT)
                  .orElseThrow()
                  .confirmedFlush()
                  .equals(reader.lastCommitEnd()));
    }
  }

  @Test
  void aCutConnectionIsAnUnavailableSource() {
    try (StreamReader reader = new StreamReader(source)) {
      readUntilIdle(reader);
      proxy.cut();
      assertThat(failureOf(reader).kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
    }
  }

  @Test
  void aServerThatStopsIsNoticed() {
    try (StreamReader reader = new StreamReader(source)) {
      readUntilIdle(reader);
      reader.stream().confirm(new Lsn(reader.stream().walEnd()));
      cluster.requestStop(StopMode.FAST);
      assertThat(failureOf(reader).kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
      await().until(() -> !cluster.isRunning());
    }
  }

  @Test
  void aServerThatWaitsForTheStreamToStopIsRecognised() {
    database.execute("insert into t values (1, 'a')");
    try (StreamReader reader = new StreamReader(source)) {
      reader.readCommits(1);
      reader.stream().confirm(reader.lastCommitEnd());
      reader.stream().flushStatus();
      database.execute("insert into t values (2, 'b')");
      reader.readCommits(2);
      cluster.requestStop(StopMode.FAST);
      reader.readUntil(() -> reader.stream().serverIsStopping());
      assertThatThrownBy(source::probe).hasMessageContaining("shutting down");
      reader.close();
      await().until(() -> !cluster.isRunning());
    }
  }

  @Test
  void aKilledServerIsAnUnavailableSource() {
    try (StreamReader reader = new StreamReader(source)) {
      readUntilIdle(reader);
      cluster.kill();
      assertThat(failureOf(reader).kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
    }
  }

  @Test
  void aSlotThatTheServerInvalidatedIsLost() {
    database.execute("create table filler(v text)");
    for (int i = 0; i < 3; i++) {
      database.execute(
          "insert into filler select repeat(md5(g::text), 30) from generate_series(1, 40000) g");
      database.execute("checkpoint");
    }
    await()
        .untilAsserted(
            () -> {
              database.execute("select pg_switch_wal(); checkpoint");
              assertThat(source.slot(StreamReader.SLOT).orElseThrow().lost()).isTrue();
            });
    EtlException failure = catchThrowableOfType(EtlException.class, () -> new StreamReader(source));
    assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_LOST);
  }

  private static void readUntilIdle(StreamReader reader) {
    reader.readUntil(() -> reader.read() == WalStream.Input.NOTHING);
  }

  private static EtlException failureOf(StreamReader reader) {
    return catchThrowableOfType(EtlException.class, () -> reader.readUntil(() -> false));
  }
}
