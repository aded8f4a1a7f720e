package dev.pgetl.internal.range;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.range.RangeHistory.Committed;
import dev.pgetl.internal.range.RangeHistory.Point;
import dev.pgetl.internal.range.SampleTable.Row;
import dev.pgetl.internal.range.StrictTable.Violation;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One random history: a copy by ranges during which the process dies several times, and the stream
 * behind it, in which it dies, too.
 */
final class CopyRun {
  private static final int DEATHS = 4;
  private static final String CHANGED = "its shape is another one at the new snapshot";

  /** What is copied. */
  enum Kind {
    /** The whole table, for the first time. */
    TABLE,
    /** One range of a table that the apply worker has had. */
    RANGE_AGAIN
  }

  /** What is left out of the procedure. */
  enum Fault {
    NONE,
    /** Ranges that were begun are copied again without being removed before. */
    REMOVAL_LEFT_OUT,
    /** Every range is said to be as old as the slot. */
    ALL_AS_THE_SLOT,
    /** Every range is said to be as new as the newest. */
    ALL_AS_THE_NEWEST,
    /** A range is copied again from a snapshot older than what the destination has received. */
    SNAPSHOT_BEFORE_THE_APPLY_WORKER
  }

  /** How it ended. */
  enum Result {
    EQUAL,
    STARTS_OVER,
    WRONG
  }

  /**
   * The end of a history.
   *
   * @param reason why the copy starts over, or what is wrong
   */
  record Outcome(Result result, String reason) {}

  private final RandomGenerator random;
  private final Kind kind;
  private final Fault fault;
  private final RangeHistory history;
  private final Point slot;
  private final TableSchema copied;

  /** Where the table has left the apply worker; the slot's position if it never was there. */
  private final Point left;

  private final boolean forgets;
  private final StrictTable destination;
  private CopyRanges ranges;
  private boolean compared;

  CopyRun(long seed, Kind kind, Fault fault) {
    this.random = new SplittableRandom(seed);
    this.kind = kind;
    this.fault = fault;
    this.history = new RangeHistory(random);
    this.slot = history.early();
    this.copied = history.version(slot);
    this.forgets = kind == Kind.TABLE || random.nextBoolean();
    List<KeyRange> plan = plan();
    CopyOrigin origin = SampleTable.origin(slot.position());
    if (kind == Kind.TABLE) {
      this.left = slot;
      this.destination = new StrictTable(copied);
      this.ranges = CopyRanges.planned(origin, plan);
    } else {
      this.left = history.from(slot);
      this.destination = new StrictTable(history.version(left), history.rows(left));
      destination.remember(history.lastEvent(left).sequence());
      KeyRange again = plan.get(random.nextInt(plan.size()));
      this.ranges = CopyRanges.again(origin, again, left.position());
    }
  }

  private List<KeyRange> plan() {
    TreeSet<Long> ends = new TreeSet<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      ends.add(random.nextLong(SourceTable.LEAST_ID - 1, SourceTable.BEHIND_IDS + 2));
    }
    List<KeyRange> plan = new ArrayList<>();
    String from = null;
    for (long end : ends) {
      String to = Long.toString(end);
      plan.add(new KeyRange(SampleTable.KEY, from, to));
      from = to;
    }
    plan.add(new KeyRange(SampleTable.KEY, from, null));
    return plan;
  }

  Outcome run() {
    try {
      copy();
      if (forgets) {
        destination.forgetLast();
      }
      stream();
    } catch (EtlException e) {
      return startsOver(e);
    } catch (Violation e) {
      return new Outcome(Result.WRONG, String.valueOf(e.getMessage()));
    }
    boolean equal = destination.rows().equals(history.lastRows());
    return equal
        ? new Outcome(Result.EQUAL, "")
        : new Outcome(Result.WRONG, "the destination differs in the end");
  }

  private void copy() {
    Point snapshot = firstSnapshot();
    requireUnchanged(left);
    requireUnchanged(snapshot);
    for (int deaths = random.nextInt(DEATHS); deaths > 0; deaths--) {
      copyAndDie(snapshot);
      ranges = storedRanges();
      snapshot = history.from(snapshot);
      requireUnchanged(snapshot);
    }
    if (fault != Fault.REMOVAL_LEFT_OUT) {
      ranges.begun().forEach(range -> destination.removeRange(copied, range));
    }
    for (int i = 0; i < ranges.ranges().size(); i++) {
      if (!ranges.ranges().get(i).isFinished()) {
        finish(i, snapshot);
      }
    }
    if (fault == Fault.ALL_AS_THE_NEWEST) {
      for (int i = 0; i < ranges.ranges().size(); i++) {
        ranges = ranges.finished(i, ranges.newest(), 0, 0);
      }
    }
  }

  /**
   * A table that was never at the destination is copied from the snapshot of the slot. A range that
   * is copied again must not be older than what a destination remembers to have received.
   */
  private Point firstSnapshot() {
    boolean old = forgets || fault == Fault.SNAPSHOT_BEFORE_THE_APPLY_WORKER;
    return kind == Kind.TABLE ? slot : history.from(old ? slot : left);
  }

  private void requireUnchanged(Point snapshot) {
    if (!history.version(snapshot).equals(copied)) {
      throw new EtlException(ErrorKind.SLOT_LOST, CHANGED);
    }
  }

  /** Leaves any part of any unfinished range at the destination. */
  private void copyAndDie(Point snapshot) {
    List<KeyRange> begun = ranges.begun();
    if (fault != Fault.REMOVAL_LEFT_OUT) {
      int removed = random.nextInt(4) == 0 ? random.nextInt(begun.size() + 1) : begun.size();
      begun.subList(0, removed).forEach(range -> destination.removeRange(copied, range));
      if (removed < begun.size()) {
        destination.removePart(copied, begun.get(removed), random);
        return;
      }
    }
    for (int i = 0; i < ranges.ranges().size(); i++) {
      if (!ranges.ranges().get(i).isFinished()) {
        switch (random.nextInt(3)) {
          case 0 -> {} // not reached
          case 1 -> finish(i, snapshot);
          default -> beginOnly(i, snapshot);
        }
      }
    }
  }

  private void beginOnly(int index, Point snapshot) {
    ranges = ranges.begun(index);
    int durable = random.nextInt(4); // the others were accepted, and vanish
    for (Row row : rows(ranges.ranges().get(index).keys(), snapshot)) {
      if (random.nextInt(3) < durable) {
        destination.copy(row.in(copied));
      }
    }
  }

  private void finish(int index, Point snapshot) {
    ranges = ranges.begun(index);
    Collection<Row> rows = rows(ranges.ranges().get(index).keys(), snapshot);
    rows.forEach(row -> destination.copy(row.in(copied)));
    Point said = fault == Fault.ALL_AS_THE_SLOT ? slot : snapshot;
    ranges = ranges.finished(index, said.position(), rows.size(), 0);
  }

  /** {@return what the server answers for a range} */
  private Collection<Row> rows(KeyRange range, Point snapshot) {
    String from = range.from();
    String to = range.to();
    long least = from == null ? Long.MIN_VALUE : Long.parseLong(from);
    return history.rows(snapshot).values().stream()
        .filter(row -> row.id() >= least && (to == null || row.id() < Long.parseLong(to)))
        .toList();
  }

  private CopyRanges storedRanges() {
    return CopyRangesText.read(CopyRangesText.of(ranges)).orElseThrow();
  }

  private void stream() {
    List<Committed> stream = history.stream(slot);
    int stored = 0;
    for (int deaths = random.nextInt(3); deaths > 0; deaths--) {
      int reached = stored + random.nextInt(stream.size() - stored + 1);
      RangeDecider decider = decider(stream, stored);
      deliver(stream.subList(stored, reached), decider);
      if (reached < stream.size()) {
        List<Event> events = stream.get(reached).events();
        compareAtNewest(stream.get(reached));
        deliverEvents(events.subList(0, random.nextInt(events.size())), decider);
      }
      stored += random.nextInt(reached - stored + 1);
    }
    deliver(stream.subList(stored, stream.size()), decider(stream, stored));
  }

  /** {@return what the process makes that continues at a position; null if nothing is known} */
  private @Nullable RangeDecider decider(List<Committed> stream, int stored) {
    Lsn position = stored == 0 ? slot.position() : stream.get(stored - 1).end();
    boolean forgotten = !position.isBefore(ranges.newest());
    return forgotten ? null : new RangeDecider(storedRanges(), copied);
  }

  private void deliver(List<Committed> stream, @Nullable RangeDecider decider) {
    for (Committed one : stream) {
      compareAtNewest(one);
      deliverEvents(one.events(), decider);
    }
  }

  private void deliverEvents(List<Event> events, @Nullable RangeDecider decider) {
    for (Event event : events) {
      Event rest = decider == null ? event : decider.decide(event);
      if (rest != null) {
        destination.write(rest);
      }
    }
  }

  /** Where the stream passes the newest range, the destination has one state of the source. */
  private void compareAtNewest(Committed next) {
    if (compared || fault != Fault.NONE || next.commit().isBefore(ranges.newest())) {
      return;
    }
    compared = true;
    int before = slot.transactions() + history.stream(slot).indexOf(next);
    if (!destination.rows().equals(history.rows(new Point(before, next.commit())))) {
      throw new Violation("the destination differs where the stream has passed all ranges");
    }
  }

  private Outcome startsOver(EtlException e) {
    String reason = String.valueOf(e.getMessage()).replaceFirst(".*: ", "");
    boolean justified =
        e.kind() == ErrorKind.SLOT_LOST
            && (reason.equals(CHANGED)
                || history
                    .between(slot.position(), ranges.newest())
                    .anyMatch(event -> justifies(event, reason)));
    return justified
        ? new Outcome(Result.STARTS_OVER, reason)
        : new Outcome(Result.WRONG, "starts over without cause: " + reason);
  }

  private static boolean justifies(Event event, String reason) {
    if (event instanceof Event.Truncate truncate) {
      return truncate.concerns(SampleTable.ID) && reason.contains("truncated");
    }
    if (event instanceof Event.Update update) {
      boolean whole = update.row().presentCount() == update.row().columnCount();
      return !whole && update.oldRow() != null && reason.contains("large value");
    }
    return event instanceof Event.Relation && reason.contains("columns were changed");
  }

  @Override
  public String toString() {
    return "slot %s, left %s, ranges%n%s%n%s"
        .formatted(slot, left, CopyRangesText.of(ranges), history);
  }
}
