package dev.pgetl.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.forecast.Outlook;
import dev.pgetl.forecast.WalForecast;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.SlotStatus.Wal;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PgetlMetricsTest {
  private static final TableId TABLE = new TableId(7);

  /** Moves only if the test moves it. */
  private static final class StandingClock implements Clock {
    private long nanos = Duration.ofDays(1).toNanos();

    void add(Duration time) {
      nanos += time.toNanos();
    }

    @Override
    public long wallTime() {
      return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    @Override
    public long monotonicTime() {
      return nanos;
    }
  }

  private final StandingClock clock = new StandingClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
  private final FixedPipeline pipeline = new FixedPipeline();

  private double gauge(String name, String... tags) {
    clock.add(Duration.ofSeconds(1));
    return registry.get(name).tag("pipeline", FixedPipeline.ID).tags(tags).gauge().value();
  }

  private double counter(String name) {
    clock.add(Duration.ofSeconds(1));
    return registry.get(name).functionCounter().count();
  }

  private static PipelineStatus.Builder running(StreamStatus.Builder stream) {
    return PipelineStatus.builder(State.RUNNING).stream(stream.build());
  }

  private static PipelineStatus.Builder events(State state, long events) {
    return PipelineStatus.builder(state).stream(StreamStatus.builder().events(events).build());
  }

  private static TableStatus.Builder table(TableReplicationPhase phase) {
    return TableStatus.builder(TABLE, new TableName("public", "users"), phase);
  }

  private static PipelineStatus.Builder with(TableStatus.Builder table) {
    return PipelineStatus.builder(State.RUNNING).tables(Map.of(TABLE, table.build()));
  }

  @Test
  void showsTheStream() {
    pipeline.metrics().bindTo(registry);
    pipeline.reports(
        running(
            StreamStatus.builder()
                .connected(true)
                .flushedLsn(new Lsn(100))
                .serverLsn(new Lsn(350))
                .delay(Duration.ofMillis(1500))
                .oldestUndelivered(Instant.ofEpochMilli(clock.wallTime()).minusSeconds(9))
                .failure(
                    new FailureStatus(
                        ErrorKind.DESTINATION_FAILED,
                        "failed",
                        Instant.ofEpochMilli(clock.wallTime()).minusSeconds(5),
                        1,
                        null))));
    assertThat(gauge("pgetl.undelivered.age")).isEqualTo(10);
    assertThat(gauge("pgetl.failing")).isEqualTo(7);
    assertThat(gauge("pgetl.lag")).isEqualTo(250);
    assertThat(gauge("pgetl.delay")).isEqualTo(1.5);
    assertThat(gauge("pgetl.connected")).isEqualTo(1);
    assertThat(gauge("pgetl.owner")).isEqualTo(1);
    assertThat(gauge("pgetl.state", "state", "running")).isEqualTo(1);
    assertThat(gauge("pgetl.state", "state", "failed")).isEqualTo(0);
  }

  @Test
  void hasNoLagWithoutAConnection() {
    pipeline.metrics().bindTo(registry);
    pipeline.reports(running(StreamStatus.builder().serverLsn(new Lsn(350))));
    assertThat(gauge("pgetl.lag")).isNaN();
    assertThat(gauge("pgetl.connected")).isEqualTo(0);
  }

  @Test
  void showsTheSlotThatHoldsMostAndTheOneThatIsNearestToItsEnd() {
    SlotStatus apply = new SlotStatus(Wal.RESERVED, 10, OptionalLong.of(90));
    SlotStatus sync = new SlotStatus(Wal.EXTENDED, 70, OptionalLong.of(30));
    pipeline.metrics().bindTo(registry);
    pipeline.reports(
        with(table(new TableReplicationPhase.DataSync()).slot(sync)).stream(
            StreamStatus.builder().slot(apply).build()));
    assertThat(gauge("pgetl.slot.retained")).isEqualTo(70);
    assertThat(gauge("pgetl.slot.safe")).isEqualTo(30);

    SlotStatus danger = new SlotStatus(Wal.UNRESERVED, 10, OptionalLong.empty());
    pipeline.reports(running(StreamStatus.builder().slot(danger)));
    assertThat(gauge("pgetl.slot.safe")).isEqualTo(0);

    SlotStatus unlimited = new SlotStatus(Wal.EXTENDED, 10, OptionalLong.empty());
    pipeline.reports(running(StreamStatus.builder().slot(unlimited)));
    assertThat(gauge("pgetl.slot.safe")).isNaN();
  }

  @Test
  void showsTheForecast() {
    pipeline.metrics().walFreeBytes(() -> 1000).bindTo(registry);
    pipeline.reports(PipelineStatus.builder(State.RUNNING));
    assertThat(gauge("pgetl.slot.loss")).isNaN();
    pipeline.reports(forecast(new Outlook.Never(), 0));
    assertThat(gauge("pgetl.slot.loss")).isInfinite();
    assertThat(gauge("pgetl.disk.full")).isInfinite();
    pipeline.reports(forecast(new Outlook.Within(Duration.ofMillis(2500)), 10));
    assertThat(gauge("pgetl.slot.loss")).isEqualTo(2.5);
    assertThat(gauge("pgetl.disk.full")).isEqualTo(100);
  }

  private static PipelineStatus.Builder forecast(Outlook loss, double rate) {
    return PipelineStatus.builder(State.RUNNING)
        .walForecast(new WalForecast("s", loss, 1, OptionalDouble.of(rate), List.of()));
  }

  @Test
  void countsTablesByPhase() {
    pipeline.metrics().bindTo(registry);
    pipeline.reports(with(table(new TableReplicationPhase.FinishedCopy()).difference("rows")));
    assertThat(gauge("pgetl.tables", "phase", "finished_copy")).isEqualTo(1);
    assertThat(gauge("pgetl.tables", "phase", "ready")).isEqualTo(0);
    assertThat(gauge("pgetl.tables.differing")).isEqualTo(1);
  }

  @Test
  void countsWhatIsInQuarantine() {
    pipeline.metrics().bindTo(registry);
    pipeline.reports(with(table(new TableReplicationPhase.Ready())));
    assertThat(gauge("pgetl.tables.quarantined")).isEqualTo(0);
    assertThat(gauge("pgetl.quarantine.age")).isEqualTo(0);
    Instant oldest = Instant.ofEpochMilli(clock.wallTime()).minusSeconds(70);
    TableName name = new TableName("public", "orders");
    QuarantineStatus quarantine =
        new QuarantineStatus(new TableId(1), name, 3, oldest, List.of(), false, false);
    pipeline.reports(with(table(new TableReplicationPhase.Ready()).quarantine(quarantine)));
    assertThat(gauge("pgetl.tables.quarantined")).isEqualTo(1);
    assertThat(gauge("pgetl.quarantine.events")).isEqualTo(3);
    assertThat(gauge("pgetl.quarantine.age")).isBetween(70.0, 75.0);
  }

  @Test
  void hasNoGaugesOfAPipelineThatHasEnded() {
    pipeline.metrics().bindTo(registry);
    pipeline.reports(running(StreamStatus.builder().events(5)));
    assertThat(counter("pgetl.events")).isEqualTo(5);
    assertThat(gauge("pgetl.delay")).isEqualTo(0);
    pipeline.reports(events(State.FAILED, 6));
    assertThat(counter("pgetl.events")).isEqualTo(6);
    assertThat(gauge("pgetl.state", "state", "failed")).isEqualTo(1);
    assertThat(gauge("pgetl.health")).isEqualTo(2);
    assertThat(gauge("pgetl.delay")).isNaN();
    assertThat(gauge("pgetl.tables", "phase", "ready")).isNaN();
  }

  @Test
  void countersGrowOnThroughRestarts() {
    pipeline.metrics().bindTo(registry);
    pipeline.reports(1, events(State.RUNNING, 5));
    assertThat(counter("pgetl.events")).isEqualTo(5);
    pipeline.reports(2, events(State.FAILED, 7)); // counted as a start before there is another one
    assertThat(counter("pgetl.events")).isEqualTo(7);
    pipeline.reports(2, events(State.STARTING, 0));
    assertThat(counter("pgetl.events")).isEqualTo(7);
    pipeline.reports(3, events(State.RUNNING, 10)); // more than before
    assertThat(counter("pgetl.events")).isEqualTo(17);
    assertThat(counter("pgetl.starts")).isEqualTo(3);
  }

  @Test
  void countsTheRowsOfTheNextCopyToo() {
    TableReplicationPhase phase = new TableReplicationPhase.DataSync();
    pipeline.metrics().bindTo(registry);
    pipeline.reports(with(table(phase).copiedRows(100).copiedBytes(1000)));
    assertThat(counter("pgetl.rows.copied")).isEqualTo(100);
    assertThat(counter("pgetl.rows.copied.size")).isEqualTo(1000);
    pipeline.reports(with(table(phase).copiedRows(20).copiedBytes(200)));
    assertThat(counter("pgetl.rows.copied")).isEqualTo(120);
    pipeline.reports(PipelineStatus.builder(State.STARTING));
    pipeline.reports(with(table(phase).copiedRows(30).copiedBytes(300))); // continues
    assertThat(counter("pgetl.rows.copied")).isEqualTo(130);
    assertThat(counter("pgetl.rows.copied.size")).isEqualTo(1300);
  }

  /** Meters of a discarded object would read nothing after the next garbage collection. */
  @Test
  void theRegistryKeepsThePipelineReachable() {
    WeakReference<FixedPipeline> discarded = bindOneThatIsDiscarded();
    WeakReference<Object> garbage = new WeakReference<>(new Object());
    await()
        .until(
            () -> {
              System.gc();
              return garbage.refersTo(null);
            });
    assertThat(discarded.refersTo(null)).isFalse();
    assertThat(counter("pgetl.events")).isEqualTo(5);
    assertThat(gauge("pgetl.buffer")).isEqualTo(0);
  }

  private WeakReference<FixedPipeline> bindOneThatIsDiscarded() {
    FixedPipeline discarded = new FixedPipeline();
    discarded.reports(events(State.RUNNING, 5));
    discarded.metrics().bindTo(registry);
    return new WeakReference<>(discarded);
  }

  @Test
  void closeRemovesTheMeters() {
    PgetlMetrics metrics = pipeline.metrics();
    metrics.bindTo(registry);
    assertThat(registry.getMeters()).isNotEmpty();
    metrics.close();
    assertThat(registry.getMeters()).isEmpty();
  }
}
