package dev.pgetl.testkit.destination;

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
import dev.pgetl.testkit.destination.Call.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Records what a pipeline delivers, in the order in which the calls ended, and can be scripted to
 * refuse, decline, fail, hold, delay or only accept calls. It is a complete destination, or wraps
 * another one.
 *
 * <p>Everything delivered stays in memory. A call costs the same however much was recorded before.
 * The waiting methods give up after a minute with an {@link
 * org.awaitility.core.ConditionTimeoutException}. A destination outlives a pipeline: the next one
 * may use it.
 *
 * <p>Thread-safe.
 */
public final class RecordingDestination implements Destination {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  private final Destination target;
  private final Object lock = new Object();
  private final List<Rule> rules = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final Map<Operation, Long> attempts = new EnumMap<>(Operation.class);
  private final Map<TableId, TableRecord> tables = new LinkedHashMap<>();

  /** Creates a destination that makes everything durable at once. */
  public RecordingDestination() {
    this(new KeepingKeys(false));
  }

  /**
   * {@return a destination that makes everything durable at once, and keeps the rows of a copy
   * aside until it is complete} See {@link #keptAside}.
   */
  public static RecordingDestination replacing() {
    return new RecordingDestination(new KeepingKeys(true));
  }

  /**
   * Creates a destination that records what it passes on.
   *
   * @param target where calls go unless the script refuses them
   */
  public RecordingDestination(Destination target) {
    this.target = Objects.requireNonNull(target, "target");
  }

  /**
   * {@return the beginning of a rule for the next calls}
   *
   * @param operation of this kind
   */
  public Script on(Operation operation) {
    return new Script(
        operation,
        rule -> {
          synchronized (lock) {
            rules.add(rule);
          }
        });
  }

  /** Forgets all rules; calls that are held stay held. */
  public void repair() {
    synchronized (lock) {
      rules.clear();
    }
  }

  @Override
  public String name() {
    return "recording " + target.name();
  }

  @Override
  public void startup() {
    run(Call.of(Operation.STARTUP), target::startup);
  }

  @Override
  public Optional<Destination> wrapped() {
    return Optional.of(target);
  }

  /** Passes the question on, unrecorded. */
  @Override
  public List<Finding> diagnose() {
    return target.diagnose();
  }

  /** Passes the question on, unrecorded. */
  @Override
  public boolean refusesWholeCalls() {
    return target.refusesWholeCalls();
  }

  @Override
  public long wholeTransactionBytes() {
    return target.wholeTransactionBytes();
  }

  /** Passes the epoch on, unrecorded. */
  @Override
  public void beginEpoch(Epoch epoch) {
    target.beginEpoch(epoch);
  }

  /** Passes the tables on, unrecorded. */
  @Override
  public void tablesPublished(List<NamedTable> published) {
    target.tablesPublished(published);
  }

  @Override
  public void truncateTable(TableSchema table) {
    run(Call.of(Operation.TRUNCATE, table), () -> target.truncateTable(table));
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    run(Call.of(Operation.TRUNCATE, next), () -> target.truncateTable(last, next));
  }

  /** A replacement that is declined is not recorded: a truncation follows. */
  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return answers(Call.of(Operation.REPLACE, next), () -> target.beginReplacement(last, next));
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return answers(Call.of(Operation.CONTINUE, next), () -> target.continueReplacement(next));
  }

  @Override
  public void tableCopied(TableSchema table) {
    run(Call.of(Operation.COPIED, table), () -> target.tableCopied(table));
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    return answers(Call.removal(table, range), () -> target.removeRange(table, range));
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return write(Call.rows(table, rows), () -> target.writeTableRows(table, rows));
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    return write(Call.events(events), () -> target.writeEvents(events));
  }

  /** Passes the question on, unrecorded; without a target this destination knows the keys. */
  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    return target.lastApplied(table);
  }

  @Override
  public void flush() {
    run(Call.of(Operation.FLUSH), target::flush);
  }

  @Override
  public void close() {
    run(Call.of(Operation.CLOSE), target::close);
  }

  private boolean answers(Call call, Supplier<Boolean> work) {
    Outcome outcome = perform(call, () -> work.get() ? Outcome.DURABLE : Outcome.DECLINED);
    return outcome != Outcome.DECLINED;
  }

  private void run(Call call, Runnable work) {
    var unused =
        perform(
            call,
            () -> {
              work.run();
              return Outcome.DURABLE;
            });
  }

  private WriteResult write(Call call, Supplier<WriteResult> work) {
    Outcome outcome =
        perform(call, () -> work.get() == WriteResult.DURABLE ? Outcome.DURABLE : Outcome.ACCEPTED);
    return outcome == Outcome.DURABLE ? WriteResult.DURABLE : WriteResult.ACCEPTED;
  }

  private Outcome perform(Call call, Supplier<Outcome> work) {
    Rule.Action action = actionFor(call);
    Outcome outcome;
    try {
      action.before();
      outcome = action.declines() ? Outcome.DECLINED : work.get();
    } catch (RuntimeException e) {
      record(call.with(Outcome.REJECTED));
      throw e;
    }
    if (action.accepts() && outcome == Outcome.DURABLE) {
      outcome = Outcome.ACCEPTED;
    }
    try {
      action.after();
    } catch (RuntimeException e) {
      record(call.with(Outcome.FAILED_AFTER_WRITE));
      throw e;
    }
    record(call.with(outcome));
    return outcome;
  }

  private Rule.Action actionFor(Call call) {
    synchronized (lock) {
      return rules.stream()
          .filter(rule -> rule.takes(call))
          .findFirst()
          .map(Rule::action)
          .orElse(Rule.Action.NONE);
    }
  }

  private void record(Call call) {
    synchronized (lock) {
      if (call.operation() == Operation.REPLACE && call.outcome() == Outcome.DECLINED) {
        return;
      }
      calls.add(call);
      attempts.merge(call.operation(), 1L, Long::sum);
      if (!call.hadEffect()) {
        return;
      }
      TableSchema table = call.table();
      if (table != null) {
        record(table.id()).add(call, table);
      }
      call.events().forEach(this::record);
    }
  }

  private void record(Event event) {
    if (event instanceof Event.Truncate truncate) {
      truncate.tables().forEach(table -> record(table.id()).add(truncate, table));
    } else if (event instanceof Event.OfTable ofTable) {
      record(ofTable.table().id()).add(ofTable, ofTable.table());
    }
  }

  private TableRecord record(TableId table) {
    return tables.computeIfAbsent(table, id -> new TableRecord());
  }

  /** {@return all calls, in the order in which they ended} */
  public List<Call> calls() {
    synchronized (lock) {
      return List.copyOf(calls);
    }
  }

  /**
   * {@return the calls of an operation, in the order in which they ended}
   *
   * @param operation which
   */
  public List<Call> calls(Operation operation) {
    return calls().stream().filter(call -> call.operation() == operation).toList();
  }

  /**
   * {@return how many calls of an operation have ended, well or not}
   *
   * @param operation which
   */
  public long attempts(Operation operation) {
    synchronized (lock) {
      return attempts.getOrDefault(operation, 0L);
    }
  }

  /** {@return all events, in the order of delivery} */
  public List<Event> events() {
    return calls().stream()
        .filter(Call::hadEffect)
        .map(Call::events)
        .flatMap(Collection::stream)
        .toList();
  }

  /**
   * {@return the row changes and truncations of a table, in the order of delivery, since this
   * object was made}
   *
   * @param table its name, with or without its schema
   */
  public List<Event> changes(String table) {
    return read(table, List.of(), TableRecord::changes);
  }

  /**
   * {@return the rows copied since the table was last truncated for a copy, without those of ranges
   * that were removed} After a replacement, the rows that it has brought.
   *
   * @param table its name, with or without its schema
   */
  public List<TableRow> copiedRows(String table) {
    return read(table, List.of(), TableRecord::copiedRows);
  }

  /**
   * {@return the rows of a copy that readers do not find yet, because it replaces those of the
   * table once it is complete}
   *
   * @param table its name, with or without its schema
   */
  public List<TableRow> keptAside(String table) {
    return read(table, List.of(), TableRecord::keptAside);
  }

  /**
   * {@return how many times the rows of a copy have taken the place of those of a table}
   *
   * @param table its name, with or without its schema
   */
  public long replacements(String table) {
    return read(table, 0L, TableRecord::replacements);
  }

  /**
   * {@return how many times rows of a table were written by a copy, also none of them}
   *
   * @param table its name, with or without its schema
   */
  public long rowWrites(String table) {
    return read(table, 0L, TableRecord::rowWrites);
  }

  /**
   * {@return how many times a table was truncated for a copy}
   *
   * @param table its name, with or without its schema
   */
  public long truncations(String table) {
    return read(table, 0L, TableRecord::truncations);
  }

  /**
   * {@return what a table holds: copied rows and changes applied in the order in which they came}
   * The rows are in no particular order. Rows are known by their primary key or replica identity; a
   * change at or before one that was applied is a replay and has no effect.
   *
   * @param table its name, with or without its schema
   */
  public List<TableRow> materialise(String table) {
    return read(table, List.of(), TableRecord::materialise);
  }

  /** {@return the name of every table something was delivered for, as last delivered} */
  public List<String> tables() {
    synchronized (lock) {
      return tables.values().stream().map(TableRecord::name).toList();
    }
  }

  /** Of several tables that had the name, this is the newest. */
  private <T> T read(String table, T ifUnknown, Function<TableRecord, T> reader) {
    synchronized (lock) {
      return tables.values().stream()
          .filter(candidate -> candidate.isNamed(table))
          .reduce((older, younger) -> younger)
          .map(reader)
          .orElse(ifUnknown);
    }
  }

  /**
   * Waits until a table has had so many row changes and truncations.
   *
   * @param table its name, with or without its schema
   * @param count at least this many
   */
  public void awaitChanges(String table, long count) {
    await(
        count + " changes of " + table,
        recorder -> recorder.read(table, 0L, TableRecord::changeCount) >= count);
  }

  /**
   * Waits until so many rows of a table are copied; rows that are kept aside do not count.
   *
   * @param table its name, with or without its schema
   * @param count at least this many since its last truncation or replacement
   */
  public void awaitCopiedRows(String table, long count) {
    await(
        count + " copied rows of " + table,
        recorder -> recorder.read(table, 0L, TableRecord::copiedRowCount) >= count);
  }

  /**
   * Waits until so many calls of an operation have ended, well or not.
   *
   * @param operation which
   * @param count at least this many
   */
  public void awaitAttempts(Operation operation, long count) {
    await(count + " calls of " + operation, recorder -> recorder.attempts(operation) >= count);
  }

  /**
   * Waits for a condition.
   *
   * @param what says in the failure message what was waited for
   * @param condition is asked every 10 milliseconds
   */
  public void await(String what, Predicate<RecordingDestination> condition) {
    Awaitility.await(what)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL_INTERVAL)
        .until(() -> condition.test(this));
  }
}
