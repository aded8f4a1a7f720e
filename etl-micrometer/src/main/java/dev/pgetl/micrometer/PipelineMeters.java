package dev.pgetl.micrometer;

import dev.pgetl.forecast.Outlook;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.observe.WaitStatus;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one pipeline. Gauges refer to this object strongly; it keeps what counters read,
 * which refer to it weakly. Thread-safe.
 */
final class PipelineMeters {
  private static final String BYTES = "bytes";
  private static final String SECONDS = "seconds";

  /** The phases of a table. */
  private static final List<Class<?>> PHASES =
      List.of(TableReplicationPhase.class.getPermittedSubclasses());

  private final String id;
  private final LatestReading latest;
  private final Sum events = new Sum();
  private final Sum received = new Sum();
  private final Sum reconnects = new Sum();
  private final Sum rows = new Sum();
  private final Sum rowBytes = new Sum();
  private final List<Meter> meters = new ArrayList<>();

  PipelineMeters(String id, LatestReading latest) {
    this.id = id;
    this.latest = latest;
  }

  /**
   * {@return the meters, registered}
   *
   * @param freeBytes how much is free on the volume of the WAL; null if that is not known
   */
  List<Meter> register(MeterRegistry registry, @Nullable LongSupplier freeBytes) {
    addState(registry);
    addWaits(registry);
    addStream(registry);
    addSlots(registry);
    addTables(registry);
    addCounters(registry);
    if (freeBytes != null) {
      gauge(
          registry,
          "pgetl.disk.full",
          SECONDS,
          "until the volume of the WAL is full",
          status -> seconds(status.walForecast().diskFull(known(freeBytes.getAsLong()))));
    }
    return List.copyOf(meters);
  }

  private void addState(MeterRegistry registry) {
    for (State state : State.values()) {
      add(
          registry,
          Gauge.builder("pgetl.state", this, it -> it.isIn(state))
              .tags("pipeline", id, "state", tag(state))
              .description("1 for what the pipeline does, 0 for what it does not"));
    }
    add(
        registry,
        Gauge.builder("pgetl.health", this, PipelineMeters::health)
            .tags("pipeline", id)
            .description("0 up, 1 degraded, 2 down"));
    gauge(
        registry,
        "pgetl.owner",
        null,
        "1 if this process works, 0 if it waits",
        PipelineMeters::owner);
  }

  private void addWaits(MeterRegistry registry) {
    gauge(
        registry,
        "pgetl.failing",
        SECONDS,
        "since when source, destination or store fail; 0 if none does",
        this::failing);
    gauge(
        registry,
        "pgetl.wait",
        SECONDS,
        "the longest wait for source, destination or store",
        status ->
            status.waits().stream()
                .map(WaitStatus::duration)
                .mapToDouble(PipelineMeters::seconds)
                .max()
                .orElse(0));
    gauge(
        registry,
        "pgetl.buffer",
        BYTES,
        "rows and events held in memory",
        PipelineStatus::bufferedBytes);
  }

  private void addStream(MeterRegistry registry) {
    gauge(
        registry,
        "pgetl.connected",
        null,
        "1 if the stream is connected, otherwise 0",
        status -> status.stream().connected() ? 1 : 0);
    gauge(
        registry,
        "pgetl.lag",
        BYTES,
        "WAL written that is not durable in the destination",
        status -> number(status.stream().lagBytes()));
    gauge(
        registry,
        "pgetl.delay",
        SECONDS,
        "from the commit of the last transaction to its delivery",
        status -> seconds(status.stream().delay()));
    gauge(
        registry,
        "pgetl.undelivered.age",
        SECONDS,
        "age of the oldest commit that is read and not durable; 0 if there is none",
        status -> status.stream().oldestUndelivered().map(this::age).orElse(0.0));
  }

  private void addSlots(MeterRegistry registry) {
    gauge(
        registry,
        "pgetl.slot.retained",
        BYTES,
        "WAL kept for the slot that holds most",
        status -> number(slots(status).mapToLong(SlotStatus::heldBytes).max()));
    gauge(
        registry,
        "pgetl.slot.safe",
        BYTES,
        "WAL that may be written before a slot is in danger",
        status -> number(slots(status).flatMapToLong(PipelineMeters::safe).min()));
    gauge(
        registry,
        "pgetl.slot.loss",
        SECONDS,
        "until a slot is in danger if its WAL grows as now",
        status -> seconds(status.walForecast().loss()));
  }

  private void addTables(MeterRegistry registry) {
    for (Class<?> phase : PHASES) {
      add(
          registry,
          Gauge.builder("pgetl.tables", this, it -> it.value(status -> tables(status, phase)))
              .tags("pipeline", id, "phase", tag(phase))
              .description("tables in a phase"));
    }
    gauge(
        registry,
        "pgetl.tables.failed",
        null,
        "tables that come back only by a resync",
        status -> status.failedTables().size());
    gauge(
        registry,
        "pgetl.tables.differing",
        null,
        "tables whose rows may differ although they are streamed",
        status ->
            status.tables().values().stream()
                .filter(table -> table.difference().isPresent())
                .count());
    addQuarantine(registry);
    gauge(
        registry,
        "pgetl.copy.tables",
        null,
        "tables whose copy is not complete",
        status -> status.copies().tablesLeft());
    gauge(
        registry,
        "pgetl.copy.remaining",
        SECONDS,
        "until all tables are copied",
        status -> status.copies().remaining().map(PipelineMeters::seconds).orElse(Double.NaN));
  }

  private void addQuarantine(MeterRegistry registry) {
    gauge(
        registry,
        "pgetl.tables.quarantined",
        null,
        "tables that have events in quarantine",
        status -> quarantines(status).count());
    gauge(
        registry,
        "pgetl.quarantine.events",
        null,
        "events in quarantine",
        status -> quarantines(status).mapToLong(QuarantineStatus::events).sum());
    gauge(
        registry,
        "pgetl.quarantine.age",
        SECONDS,
        "age of the oldest commit with an event in quarantine; 0 if there is none",
        status ->
            quarantines(status)
                .map(QuarantineStatus::oldest)
                .min(Comparator.naturalOrder())
                .map(this::age)
                .orElse(0.0));
  }

  private static Stream<QuarantineStatus> quarantines(PipelineStatus status) {
    return status.tables().values().stream().flatMap(table -> table.quarantine().stream());
  }

  private void addCounters(MeterRegistry registry) {
    counter(
        registry, "pgetl.starts", null, "starts of the pipeline", it -> it.latest.get().starts());
    counter(
        registry,
        "pgetl.events",
        null,
        "events delivered by the stream",
        it -> it.ofRun(it.events, StreamStatus::events));
    counter(
        registry,
        "pgetl.events.received",
        BYTES,
        "messages read by the stream",
        it -> it.ofRun(it.received, StreamStatus::bytes));
    counter(
        registry,
        "pgetl.reconnects",
        null,
        "times that the stream connected again",
        it -> it.ofRun(it.reconnects, StreamStatus::reconnects));
    counter(
        registry,
        "pgetl.rows.copied",
        null,
        "rows of copies that the destination took",
        it -> it.ofTables(it.rows, TableStatus::copiedRows));
    counter(
        registry,
        "pgetl.rows.copied.size",
        BYTES,
        "their bytes, as Postgres sent them",
        it -> it.ofTables(it.rowBytes, TableStatus::copiedBytes));
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      @Nullable String unit,
      String description,
      ToDoubleFunction<PipelineStatus> value) {
    add(
        registry,
        Gauge.builder(name, this, it -> it.value(value))
            .tags("pipeline", id)
            .baseUnit(unit)
            .description(description));
  }

  private void add(MeterRegistry registry, Gauge.Builder<PipelineMeters> gauge) {
    meters.add(gauge.strongReference(true).register(registry));
  }

  private void counter(
      MeterRegistry registry,
      String name,
      @Nullable String unit,
      String description,
      ToDoubleFunction<PipelineMeters> value) {
    meters.add(
        FunctionCounter.builder(name, this, value)
            .tags(Tags.of("pipeline", id))
            .baseUnit(unit)
            .description(description)
            .register(registry));
  }

  // ---- values ----

  private double value(ToDoubleFunction<PipelineStatus> value) {
    return latest.get().whileItLives(value);
  }

  private double isIn(State state) {
    return latest.get().status().state() == state ? 1 : 0;
  }

  private double health() {
    return switch (latest.get().health()) {
      case UP -> 0;
      case DEGRADED -> 1;
      case DOWN -> 2;
    };
  }

  private static double owner(PipelineStatus status) {
    return switch (status.state()) {
      case STANDBY -> 0;
      case RUNNING, PAUSED -> 1;
      case CREATED, STARTING, STOPPING, STOPPED, FAILED -> Double.NaN;
    };
  }

  private double failing(PipelineStatus status) {
    return status.stream().failure().map(failure -> age(failure.since())).orElse(0.0);
  }

  private double age(Instant since) {
    Duration age = Duration.between(since, Instant.ofEpochMilli(latest.wallMillis()));
    return Math.max(0, seconds(age));
  }

  private static Stream<SlotStatus> slots(PipelineStatus status) {
    return Stream.concat(
        status.stream().slot().stream(),
        status.tables().values().stream().flatMap(table -> table.slot().stream()));
  }

  private static LongStream safe(SlotStatus slot) {
    return switch (slot.wal()) {
      case RESERVED, EXTENDED, UNKNOWN ->
          slot.safeBytes().isPresent()
              ? LongStream.of(slot.safeBytes().getAsLong())
              : LongStream.empty();
      case UNRESERVED, LOST -> LongStream.of(0);
    };
  }

  private static double tables(PipelineStatus status, Class<?> phase) {
    return status.tables().values().stream()
        .filter(table -> phase.isInstance(table.phase()))
        .count();
  }

  private double ofRun(Sum sum, ToLongFunction<StreamStatus> count) {
    return sum.ofRun(latest::get, reading -> count.applyAsLong(reading.status().stream()));
  }

  private double ofTables(Sum sum, ToLongFunction<TableStatus> count) {
    return sum.of(() -> counts(count));
  }

  private Map<TableId, Long> counts(ToLongFunction<TableStatus> count) {
    Map<TableId, Long> counts = new HashMap<>();
    latest
        .get()
        .status()
        .tables()
        .forEach((table, status) -> counts.put(table, count.applyAsLong(status)));
    return counts;
  }

  // ---- numbers and names ----

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  private static double seconds(Outlook outlook) {
    double never = outlook instanceof Outlook.Never ? Double.POSITIVE_INFINITY : Double.NaN;
    return outlook.timeLeft().map(time -> time.toMillis() / 1e3).orElse(never);
  }

  private static double number(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : Double.NaN;
  }

  private static OptionalLong known(long value) {
    return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static String tag(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  /** {@return a phase as a tag: {@code SyncDone} is {@code sync_done}} */
  private static String tag(Class<?> phase) {
    return phase.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }
}
