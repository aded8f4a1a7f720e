package dev.pgetl.internal.sim;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One engine's way to the destination, which outlives it. */
final class SimDestination implements Destination {
  /** What the destination holds durably. */
  static final class Holdings {
    final Calls calls;
    final TreeSet<TableId> refused = new TreeSet<>();
    private final Map<TableId, DestinationTable> tables = new TreeMap<>();
    private final Consumer<String> objections;
    private final Runnable whenLate;

    /** Whether it can remove the rows of a range. */
    boolean removing;

    /** When it keeps the rows of a copy aside until they replace those of the table. */
    Replacing replacing = Replacing.NEVER;

    /** Whether it has kept aside what an interrupted copy had brought. */
    boolean continuing;

    /** How many replacements have ended, and how many were continued. */
    int replaced;

    int replacementsContinued;

    /** Which rows it refuses among events, as a whole call; none if null. */
    @Nullable Predicate<TableRow> poison;

    /** Whether calls that it refuses have no effect. */
    boolean refusingWhole;

    /** Whose call has begun the last replacement of a table. */
    private final Map<TableId, SimDestination> replacingBy = new TreeMap<>();

    /** Whether calls have to end where transactions end. */
    boolean whole;

    /** Whether it says which key of a table was the last. */
    boolean answering = true;

    /** Whose call began last. */
    private @Nullable SimDestination last;

    /**
     * Creates an empty destination.
     *
     * @param whenLate runs when a call of an engine that was closed takes effect while another
     *     engine is at work
     */
    Holdings(Scheduler scheduler, Consumer<String> objections, Runnable whenLate) {
      this.calls = new Calls(scheduler, ErrorKind.DESTINATION_UNAVAILABLE);
      this.objections = objections;
      this.whenLate = whenLate;
      this.removing = scheduler.random().nextInt(5) > 0;
    }

    boolean replaces() {
      return replacing == Replacing.ALWAYS
          || (replacing == Replacing.AT_TIMES && calls.scheduler().random().nextBoolean());
    }

    /** {@return the table for a call of a copy} What is not kept aside cannot be continued. */
    private DestinationTable copied(TableSchema version, SimDestination by) {
      DestinationTable table = table(version.id());
      if (!continuing && table.isAside(version) && replacingBy.get(version.id()) != by) {
        objections.accept("a replacement of " + version + " continues that was not kept");
      }
      return table;
    }

    DestinationTable table(TableId id) {
      return tables.computeIfAbsent(
          id, key -> new DestinationTable(what -> objections.accept("table " + id + ": " + what)));
    }
  }

  /** How often the destination replaces rows. */
  enum Replacing {
    NEVER,
    AT_TIMES,
    ALWAYS
  }

  private final Holdings holdings;
  private final boolean accepting;
  private final Runnable whenCopying;

  private boolean closed;

  /** Whether its engine is not to call it, for any table or for one. */
  private BooleanSupplier silent = () -> false;

  private Predicate<TableId> silentFor = table -> false;

  /** The last events of tables that were taken by this process, maybe not durably. */
  private final Map<TableId, EventSequence> taken = new TreeMap<>();

  /** What was accepted and is not durable yet: lost with the process. */
  private final List<Runnable> accepted = new ArrayList<>();

  /**
   * Creates the way.
   *
   * @param accepting whether data becomes durable with the next flush only
   * @param whenCopying hears of each truncate and of each batch of copied rows
   */
  SimDestination(Holdings holdings, boolean accepting, Runnable whenCopying) {
    this.holdings = holdings;
    this.accepting = accepting;
    this.whenCopying = whenCopying;
  }

  @Override
  public String name() {
    return "model";
  }

  private void make(String what, Calls.Act act) {
    if (silent.getAsBoolean()) {
      holdings.objections.accept("a paused pipeline calls: " + what);
    }
    if (!closed) {
      holdings.last = this;
    }
    holdings.calls.make(
        what,
        half -> {
          if (closed && holdings.last != this) {
            holdings.whenLate.run();
          }
          act.run(half);
        });
  }

  private WriteResult write(String what, Consumer<Boolean> effect) {
    return write(what, effect, half -> {});
  }

  private WriteResult write(String what, Consumer<Boolean> effect, Consumer<Boolean> taken) {
    make(
        what,
        half -> {
          taken.accept(half);
          if (accepting) {
            accepted.add(() -> effect.accept(half));
          } else {
            effect.accept(half);
          }
        });
    return accepting ? WriteResult.ACCEPTED : WriteResult.DURABLE;
  }

  /** From now on each call is compared with what its engine says that it pauses. */
  void pausedBy(BooleanSupplier pipeline, Predicate<TableId> table) {
    silent = pipeline;
    silentFor = table;
  }

  private void requireNotPaused(TableId table) {
    if (silentFor.test(table)) {
      holdings.objections.accept("a call for paused table " + table);
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    whenCopying.run();
    requireNotPaused(table.id());
    flush();
    taken.remove(table.id());
    make("truncate", half -> holdings.table(table.id()).beginCopy());
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    whenCopying.run();
    requireNotPaused(next.id());
    DestinationTable table = holdings.table(next.id());
    if (!holdings.replaces()) {
      table.decline();
      return false;
    }
    flush();
    taken.remove(next.id());
    make(
        "replace",
        half -> {
          holdings.replacingBy.put(next.id(), this);
          table.beginReplacement(next);
        });
    return true;
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    whenCopying.run();
    if (!holdings.continuing) {
      return false;
    }
    make("continue", half -> holdings.replacementsContinued++);
    return holdings.table(next.id()).hasKept(next);
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    whenCopying.run();
    if (!holdings.removing) {
      return false;
    }
    flush();
    make("remove range", half -> holdings.copied(table, this).remove(table, range, half));
    return true;
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    whenCopying.run();
    requireWelcome(table);
    return write(
        "write rows",
        half -> {
          int count = half ? rows.size() / 2 : rows.size();
          holdings.copied(table, this).copied(table, rows, count);
        });
  }

  @Override
  public void tableCopied(TableSchema table) {
    requireNotPaused(table.id());
    make(
        "end copy",
        half -> holdings.replaced += holdings.copied(table, this).complete(table) ? 1 : 0);
  }

  /** No transaction of a history is as large. */
  @Override
  public long wholeTransactionBytes() {
    return holdings.whole ? 1 << 20 : 0;
  }

  private void requireWhole(List<Event> events) {
    boolean applied = Scheduler.caller().endsWith("-apply-delivery");
    if (applied && !(events.get(events.size() - 1) instanceof Event.Commit)) {
      holdings.objections.accept("a call ends inside " + events.get(0).transaction());
    }
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    requireOrder(events);
    if (holdings.whole && !holdings.refusingWhole) {
      requireWhole(events);
    }
    for (Event event : events) {
      if (event instanceof Event.OfTable change && !(holdings.refusingWhole && isTaken(change))) {
        requireWelcome(change.table());
        requireNoPoison(event);
      }
    }
    return write(
        "write events",
        half -> first(events, half).forEach(this::apply),
        half -> first(events, half).forEach(this::taken));
  }

  @Override
  public boolean refusesWholeCalls() {
    return holdings.refusingWhole;
  }

  private void requireNoPoison(Event event) {
    Predicate<TableRow> poison = holdings.poison;
    TableRow row =
        event instanceof Event.Insert insert
            ? insert.row()
            : event instanceof Event.Update update ? update.row() : null;
    if (poison != null && row != null && poison.test(row)) {
      throw new EtlException(ErrorKind.DESTINATION_REJECTED, "a row is refused")
          .withTable(row.table().id().oid());
    }
  }

  private static List<Event> first(List<Event> events, boolean half) {
    return half ? events.subList(0, events.size() / 2) : events;
  }

  /** What was taken before is skipped, not refused. */
  private boolean isTaken(Event.OfTable event) {
    TableId table = event.table().id();
    EventSequence durable = holdings.table(table).newest();
    EventSequence last = taken.getOrDefault(table, EventSequence.NONE);
    return event.sequence().compareTo(last.compareTo(durable) > 0 ? last : durable) <= 0;
  }

  private void taken(Event event) {
    if (event instanceof Event.OfTable change) {
      taken.put(change.table().id(), event.sequence());
    }
  }

  private void requireOrder(List<Event> events) {
    EventSequence last = null;
    for (Event event : events) {
      EventSequence next = event.sequence();
      if (last != null && next.compareTo(last) <= 0) {
        holdings.objections.accept("a batch has " + next + " behind " + last);
      }
      last = next;
    }
  }

  /** A column without a number might be any: its rows cannot be kept. */
  private void requireWelcome(TableSchema table) {
    requireNotPaused(table.id());
    boolean known =
        table.columns().stream().map(ColumnSchema::attributeNumber).noneMatch(n -> n == 0);
    if (!known || holdings.refused.contains(table.id())) {
      throw new EtlException(
              ErrorKind.DESTINATION_REJECTED, "write to table " + table.name() + " failed")
          .withTable(table.id().oid());
    }
  }

  private void apply(Event event) {
    if (event instanceof Event.RowChange change) {
      holdings.table(change.table().id()).apply(change);
    } else if (event instanceof Event.Relation relation) {
      holdings.table(relation.table().id()).announce(relation);
    } else if (event instanceof Event.Truncate truncate) {
      truncate.tables().forEach(table -> holdings.table(table.id()).truncate(truncate));
    }
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId id) {
    if (!holdings.answering) {
      return Optional.empty();
    }
    flush();
    make("ask for the last key", half -> {});
    return Optional.of(holdings.table(id).newest());
  }

  @Override
  public void flush() {
    if (accepting) {
      make("flush", half -> flushAccepted());
    }
  }

  private void flushAccepted() {
    accepted.forEach(Runnable::run);
    accepted.clear();
  }

  @Override
  public void close() {
    closed = true;
  }
}
