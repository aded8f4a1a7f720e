package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestCertificate;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The store on a server that stops, dies or requires encryption. */
class PostgresLayerCrashIT {
  private static PostgresCluster cluster;

  @BeforeAll
  static void startCluster() {
    assumeThat(PostgresCluster.isPossible()).isTrue();
    cluster = PostgresCluster.builder().durable().start();
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  private static MemoryStore store(PgConnectionConfig connection) {
    return new MemoryStore(PostgresLayer.builder(connection, "orders").build());
  }

  private static ReplicationProgress progress(long lsn) {
    return new ReplicationProgress("slot", new SlotLineage("7", 1, Lsn.ZERO), new Lsn(lsn));
  }

  @Test
  void keepsWhatWasAcknowledgedWhenTheServerIsKilled() {
    try (TestDatabase database = cluster.createDatabase();
        MemoryStore store = store(database.connectionConfig())) {
      for (int round = 1; round <= 2; round++) {
        for (int i = 0; i < 20; i++) {
          store.storeReplicationProgress(progress(round * 100L + i));
        }
        cluster.kill();
        assertUnavailable(store, round * 100L + 50);
        assertUnavailable(store, round * 100L + 51);
        cluster.start();
        assertThat(store.loadReplicationProgress()).isEqualTo(1);
        assertThat(store.getReplicationProgress("slot")).contains(progress(round * 100L + 19));
      }
    }
  }

  /** The standby may be the pipeline itself, which waits for this very write. */
  @Test
  void waitsForNoStandby() throws Exception {
    String waits = "select pid from pg_stat_activity where wait_event = 'SyncRep'";
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (TestDatabase database = cluster.createDatabase();
        MemoryStore store = store(database.connectionConfig())) {
      cluster.set("synchronous_standby_names", "absent");
      database.execute("checkpoint");
      try {
        Future<?> waiting = executor.submit(() -> database.execute("create table waits (id int)"));
        await().until(() -> !database.query(waits).isEmpty());
        store.storeReplicationProgress(progress(1));
        assertThat(waiting.isDone()).isFalse();
      } finally {
        cluster.set("synchronous_standby_names", "");
      }
    } finally {
      executor.shutdown();
    }
  }

  private static void assertUnavailable(MemoryStore store, long lsn) {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> store.storeReplicationProgress(progress(lsn)))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE))
        .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.TIMED));
  }

  @Test
  void speaksTlsAndChecksWhomItSpeaksTo() {
    TestCertificate certificate = TestCertificate.issue("localhost");
    cluster.useCertificate(certificate);
    TlsConfig trusting = TlsConfig.trusting(certificate.certificatePem());
    TlsConfig other = TlsConfig.trusting(TestCertificate.issue("localhost").certificatePem());
    try (TestDatabase database = cluster.createDatabase()) {
      try (MemoryStore store = store(database.connection().tls(trusting).build())) {
        store.storeReplicationProgress(progress(1));
        assertThat(
                database.value(
                    "select ssl from pg_stat_ssl join pg_stat_activity using (pid)"
                        + " where application_name = 'pgetl/orders/store'"))
            .isEqualTo("t");
      }
      for (TlsConfig untrusted : new TlsConfig[] {other, TlsConfig.trusting("")}) {
        try (MemoryStore store = store(database.connection().tls(untrusted).build())) {
          assertThatExceptionOfType(EtlException.class)
              .isThrownBy(store::loadReplicationProgress)
              .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
        }
      }
    }
  }
}
