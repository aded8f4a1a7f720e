package dev.pgetl.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.PipelineRunner;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.store.memory.InMemoryLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The meters of a pipeline that works, fails, and is started again. */
class PgetlMetricsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofMillis(100);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RecordingDestination recording = new RecordingDestination();
  private final InMemoryLayer layer = new InMemoryLayer();

  private double counter(String name) {
    return registry.get(name).tag("pipeline", "orders").functionCounter().count();
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags("pipeline", "orders").tags(tags).gauge().value();
  }

  private void awaitCounter(String name, double value) {
    await().atMost(PATIENCE).until(() -> counter(name) == value);
  }

  @Test
  void countThroughARestart() throws InterruptedException {
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        PipelineRunner runner = runner(source);
        PgetlMetrics metrics = PgetlMetrics.of(runner)) {
      source.execute(
          "create table users(id int primary key); insert into users values (1), (2);"
              + " create publication pub for table users");
      metrics.bindTo(registry);
      runner.start();
      assertThat(runner.awaitReady(PATIENCE)).isTrue();
      awaitCounter("pgetl.rows.copied", 2);
      assertThat(gauge("pgetl.tables", "phase", "ready")).isEqualTo(1);

      source.execute("insert into users select g from generate_series(3, 7) g");
      await().atMost(PATIENCE).until(() -> counter("pgetl.events") >= 5);
      assertThat(gauge("pgetl.connected")).isEqualTo(1);
      assertThat(gauge("pgetl.delay")).isLessThan(60);
      double before = counter("pgetl.events");

      recording.on(Operation.EVENTS).once().reject(ErrorKind.DESTINATION_FAILED);
      source.execute("insert into users values (8)");
      awaitCounter("pgetl.starts", 2);
      await().atMost(PATIENCE).until(() -> counter("pgetl.events") > before);
      assertThat(calls("error")).isEqualTo(1);
      assertThat(calls("success")).isGreaterThanOrEqualTo(2);
      runner.close();
      await().atMost(PATIENCE).until(() -> gauge("pgetl.state", "state", "stopped") == 1);
      assertThat(gauge("pgetl.lag")).isNaN();
      assertThat(counter("pgetl.events")).isGreaterThan(before);
    }
  }

  @Test
  void countThroughAnotherRunner() throws InterruptedException {
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        PipelineRunner first = runner(source);
        PipelineRunner second = runner(source)) {
      source.execute(
          "create table users(id int primary key); create publication pub for table users");
      AtomicReference<PipelineRunner> present = new AtomicReference<>(first);
      try (PgetlMetrics metrics = PgetlMetrics.of(present::get)) {
        metrics.bindTo(registry);
        deliver(source, first, 1, 1);
        await().atMost(PATIENCE).until(() -> counter("pgetl.events") > 0);
        assertThat(counter("pgetl.starts")).isEqualTo(1);
        first.close();
        double before = counter("pgetl.events");

        present.set(second);
        deliver(source, second, 2, 4); // more than the first one
        await().atMost(PATIENCE).until(() -> counter("pgetl.events") == before + events(second));
        assertThat(counter("pgetl.starts")).isEqualTo(2);
        assertThat(events(second)).isPositive();
      }
    }
  }

  private static double events(PipelineRunner runner) {
    return runner.status("orders").pipeline().stream().events();
  }

  /** Delivers before the next reading: one in between would show that the count begins again. */
  private void deliver(TestDatabase source, PipelineRunner runner, int from, int to)
      throws InterruptedException {
    runner.start();
    assertThat(runner.awaitReady(PATIENCE)).isTrue();
    source.execute("insert into users select g from generate_series(" + from + ", " + to + ") g");
    recording.awaitChanges("users", to);
  }

  private long calls(String outcome) {
    return registry
        .get("pgetl.destination.calls")
        .tags("call", "events", "outcome", outcome)
        .timer()
        .count();
  }

  private PipelineRunner runner(TestDatabase source) {
    PipelineConfig config =
        PipelineConfig.builder("orders", "pub", source.connectionConfig()).build();
    return PipelineRunner.builder()
        .pipeline(
            config,
            () -> new MemoryStore(layer),
            () -> MeteredDestination.of(recording, registry, "orders"))
        .restartDelay(SOON, SOON)
        .build();
  }
}
