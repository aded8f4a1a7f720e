package dev.pgetl.micrometer;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Times the calls of a destination: {@code pgetl.destination.calls}, with the tags {@code
 * pipeline}, {@code call} and {@code outcome}. Passes every call on as it is.
 *
 * <pre>{@code
 * Destination timed = MeteredDestination.of(destination, registry, "orders");
 * }</pre>
 *
 * <p>A retry is another call. The value of {@code call} is {@code events}, {@code rows}, {@code
 * flush}, or {@code table} for what is done to a whole table or a range of it.
 *
 * <p><b>Threads.</b> As the destination's.
 */
public final class MeteredDestination implements Destination {
  private static final String NAME = "pgetl.destination.calls";

  private final Destination target;
  private final MeterRegistry registry;
  private final Calls events;
  private final Calls rows;
  private final Calls flush;
  private final Calls table;

  /** Calls of one kind, by their outcome. */
  private record Calls(Timer success, Timer error) {
    private static Calls of(String call, String pipeline, MeterRegistry registry) {
      return new Calls(
          timer(call, pipeline, "success", registry), timer(call, pipeline, "error", registry));
    }

    private static Timer timer(
        String call, String pipeline, String outcome, MeterRegistry registry) {
      return Timer.builder(NAME)
          .tags("pipeline", pipeline, "call", call, "outcome", outcome)
          .description("calls of the destination")
          .register(registry);
    }
  }

  private MeteredDestination(Destination target, MeterRegistry registry, String pipeline) {
    this.target = target;
    this.registry = registry;
    this.events = Calls.of("events", pipeline, registry);
    this.rows = Calls.of("rows", pipeline, registry);
    this.flush = Calls.of("flush", pipeline, registry);
    this.table = Calls.of("table", pipeline, registry);
  }

  /**
   * {@return a destination whose calls are timed}
   *
   * @param target does the work
   * @param registry has the timers; they stay when the destination is closed
   * @param pipeline the id of the pipeline, for the tag
   */
  public static MeteredDestination of(Destination target, MeterRegistry registry, String pipeline) {
    return new MeteredDestination(
        Objects.requireNonNull(target, "target"),
        Objects.requireNonNull(registry, "registry"),
        Objects.requireNonNull(pipeline, "pipeline"));
  }

  private <T extends @Nullable Object> T timed(Calls calls, Supplier<T> call) {
    long begin = registry.config().clock().monotonicTime();
    Timer outcome = calls.error;
    try {
      T answer = call.get();
      outcome = calls.success;
      return answer;
    } finally {
      long end = registry.config().clock().monotonicTime();
      outcome.record(end - begin, TimeUnit.NANOSECONDS);
    }
  }

  private void timedAction(Calls calls, Runnable call) {
    Object unused =
        timed(
            calls,
            () -> {
              call.run();
              return calls;
            });
  }

  @Override
  public WriteResult writeEvents(List<Event> list) {
    return timed(events, () -> target.writeEvents(list));
  }

  @Override
  public WriteResult writeTableRows(TableSchema schema, List<TableRow> list) {
    return timed(rows, () -> target.writeTableRows(schema, list));
  }

  @Override
  public void flush() {
    timedAction(flush, target::flush);
  }

  @Override
  public void truncateTable(TableSchema schema) {
    timedAction(table, () -> target.truncateTable(schema));
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    timedAction(table, () -> target.truncateTable(last, next));
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return timed(table, () -> target.beginReplacement(last, next));
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return timed(table, () -> target.continueReplacement(next));
  }

  @Override
  public void tableCopied(TableSchema schema) {
    timedAction(table, () -> target.tableCopied(schema));
  }

  @Override
  public boolean removeRange(TableSchema schema, KeyRange range) {
    return timed(table, () -> target.removeRange(schema, range));
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId id) {
    return timed(table, () -> target.lastApplied(id));
  }

  // ---- passed on, not timed ----

  @Override
  public String name() {
    return target.name();
  }

  @Override
  public void startup() {
    target.startup();
  }

  @Override
  public void beginEpoch(Epoch epoch) {
    target.beginEpoch(epoch);
  }

  @Override
  public void tablesPublished(List<NamedTable> tables) {
    target.tablesPublished(tables);
  }

  @Override
  public long wholeTransactionBytes() {
    return target.wholeTransactionBytes();
  }

  @Override
  public Optional<Destination> wrapped() {
    return Optional.of(target);
  }

  @Override
  public List<Finding> diagnose() {
    return target.diagnose();
  }

  @Override
  public boolean refusesWholeCalls() {
    return target.refusesWholeCalls();
  }

  @Override
  public void close() {
    target.close();
  }
}
