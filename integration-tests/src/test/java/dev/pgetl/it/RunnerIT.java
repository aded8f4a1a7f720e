package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.PipelineRunner;
import dev.pgetl.RunStatus;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A runner starts its pipelines again, whatever ended them. */
@ExtendWith(PostgresExtension.class)
class RunnerIT {
  private static final Duration LIMIT = Scenario.PATIENCE;
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration NEVER = Duration.ofDays(1);

  private final RecordingDestination destination = new RecordingDestination();
  @TempDir private Path folder;

  @BeforeEach
  void createTable(TestDatabase source) {
    source.execute(
        "create table users (id int primary key, name text);"
            + " insert into users select g, 'old' from generate_series(1, 10) g;"
            + " create publication pub for table users");
  }

  private PipelineStore fileStore() {
    return new MemoryStore(FileLayer.open(folder));
  }

  private PipelineRunner runner(PipelineConfig config, Supplier<PipelineStore> store) {
    return PipelineRunner.builder()
        .pipeline(config, store, () -> destination)
        .restartDelay(SOON, SOON)
        .build();
  }

  private static PipelineConfig config(TestDatabase source, String publication) {
    return PipelineConfig.builder("it", publication, source.connectionConfig()).build();
  }

  private static RunStatus status(PipelineRunner runner) {
    return runner.status("it");
  }

  private void assertConverged(PipelineRunner runner, TestDatabase source)
      throws InterruptedException {
    Pipeline pipeline = runner.pipeline("it").orElseThrow();
    Lsn now = source.currentLsn();
    assertThat(pipeline.awaitApplied(now, LIMIT)).isTrue();
    DeliveryAssert.assertThat(destination).converged(source, "users");
  }

  @Test
  void startsWhenTheSourceIsThere(TestDatabase source) throws InterruptedException {
    TestPostgres server = TestPostgres.shared();
    try (TcpProxy proxy = TcpProxy.to(server.host(), server.port())) {
      proxy.refuse();
      PgConnectionConfig through = source.connection().port(proxy.port()).build();
      PipelineConfig config = PipelineConfig.builder("it", "pub", through).build();
      try (PipelineRunner runner = runner(config, this::fileStore)) {
        runner.start();
        await().atMost(LIMIT).until(() -> status(runner).starts() > 2);
        assertThat(status(runner).failure().orElseThrow().kind())
            .isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
        assertThat(status(runner).health().level()).isEqualTo(Level.DEGRADED);
        proxy.heal();

        assertThat(runner.awaitReady(LIMIT)).isTrue();
        assertThat(status(runner).failure()).isEmpty();
        assertThat(status(runner).health().level()).isEqualTo(Level.UP);
        assertConverged(runner, source);
      }
    }
  }

  @Test
  void worksSoonAfterManualIntervention(TestDatabase source) throws InterruptedException {
    try (PipelineRunner runner = runner(config(source, "later"), this::fileStore)) {
      runner.start();
      EtlException missing =
          catchThrowableOfType(EtlException.class, () -> runner.awaitReady(LIMIT));
      assertThat(missing.kind()).isEqualTo(ErrorKind.PUBLICATION_MISSING);
      assertThat(status(runner).health().level()).isEqualTo(Level.DOWN);
      source.execute("create publication later for table users");

      await().atMost(LIMIT).until(() -> status(runner).pipeline().allReady());
      assertConverged(runner, source);
    }
  }

  /** The store is closed each time: a folder has one user. */
  @Test
  void continuesWhereTheFailedPipelineEnded(TestDatabase source) throws InterruptedException {
    try (PipelineRunner runner = runner(config(source, "pub"), this::fileStore)) {
      runner.start();
      assertThat(runner.awaitReady(LIMIT)).isTrue();
      destination
          .on(Operation.EVENTS)
          .once()
          .rejectWith(() -> new IllegalStateException("as the test requests"));
      source.execute("insert into users values (11, 'new')");

      await()
          .atMost(LIMIT)
          .until(() -> status(runner).starts() > 1 && status(runner).pipeline().allReady());
      assertConverged(runner, source);
      assertThat(destination.calls(Operation.TRUNCATE)).hasSize(1);
    }
  }

  @Test
  void waitsWhileAnotherProcessHasTheStore(TestDatabase source) throws InterruptedException {
    MemoryStore other = new MemoryStore(FileLayer.open(folder));
    assertThat(other.loadTableReplicationStates()).isZero();
    try (PipelineRunner runner = runner(config(source, "pub"), this::fileStore)) {
      runner.start();
      await().atMost(LIMIT).until(() -> status(runner).failure().isPresent());
      assertThat(status(runner).failure().orElseThrow().kind()).isEqualTo(ErrorKind.STORE_LOCKED);
      assertThat(status(runner).needsManualIntervention()).isFalse();
      other.close();

      assertThat(runner.awaitReady(LIMIT)).isTrue();
    }
  }

  @Test
  void startsAgainByRequest(TestDatabase source) throws InterruptedException {
    PipelineRunner.Builder builder =
        PipelineRunner.builder()
            .pipeline(config(source, "later"), this::fileStore, () -> destination)
            .restartDelay(NEVER, NEVER);
    try (PipelineRunner runner = builder.build()) {
      runner.start();
      await().atMost(LIMIT).until(() -> status(runner).failure().isPresent());
      source.execute("create publication later for table users");

      runner.restart("it");

      await().atMost(LIMIT).until(() -> status(runner).pipeline().allReady());
    }
  }

  @Test
  void aPipelineThatFailsLeavesTheOthersAlone(TestDatabase source) throws InterruptedException {
    PipelineConfig bad =
        PipelineConfig.builder("bad", "missing", source.connectionConfig()).build();
    PipelineRunner.Builder builder =
        PipelineRunner.builder()
            .pipeline(bad, MemoryStore::new, RecordingDestination::new)
            .pipeline(config(source, "pub"), MemoryStore::new, () -> destination)
            .restartDelay(SOON, SOON);
    try (PipelineRunner runner = builder.build()) {
      runner.start();

      await().atMost(LIMIT).until(() -> status(runner).pipeline().allReady());
      await().atMost(LIMIT).until(() -> runner.status("bad").failure().isPresent());
      assertThat(runner.status().keySet()).containsExactly("bad", "it");
      runner.close();
      assertThat(status(runner).pipeline().state()).isEqualTo(State.STOPPED);
      await().atMost(LIMIT).until(() -> !source.slot("pgetl_apply_it").isActive());
    }
  }
}
