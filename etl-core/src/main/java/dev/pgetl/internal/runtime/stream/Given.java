package dev.pgetl.internal.runtime.stream;

import dev.pgetl.destination.Destination;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Up to where the destination may hold what was committed. It is asked only where this process does
 * not know it. Thread-safe.
 *
 * <p>An end is the first position of the log whose commit was not handed over: right behind the
 * start of a commit record, and for copied rows the position of their snapshot.
 */
public final class Given {
  private static final Lsn EVERYTHING = new Lsn(-1);

  private final Destination destination;
  private final Supplier<Collection<TableId>> tables;
  private final AtomicReference<Lsn> end;
  private volatile Lsn earlier;

  private Given(
      Destination destination, Supplier<Collection<TableId>> tables, Lsn known, Lsn earlier) {
    this.destination = destination;
    this.tables = tables;
    this.end = new AtomicReference<>(known);
    this.earlier = earlier;
  }

  /**
   * {@return what is known before this process hands anything over}
   *
   * @param tables of which the destination is asked
   * @param known an end that was reached
   */
  public static Given byOthers(
      Destination destination, Supplier<Collection<TableId>> tables, Lsn known) {
    return new Given(destination, tables, known, EVERYTHING);
  }

  /**
   * {@return the same for a process that hands over from the known end on}
   *
   * @param most where the log ended before this process began: earlier ones were given no more
   */
  public static Given from(
      Destination destination, Supplier<Collection<TableId>> tables, Lsn known, Lsn most) {
    return new Given(destination, tables, known, most);
  }

  /** Events are about to be handed over. */
  public void delivering(List<Event> events) {
    if (!events.isEmpty()) {
      reached(events.get(events.size() - 1).sequence().commitLsn().plus(1));
    }
  }

  /** Everything committed before a position has been handed over. */
  public void reached(Lsn position) {
    Lsn unused = end.accumulateAndGet(position, Lsn::max);
  }

  /** Everything given is on the timeline that is read from now on, or that was accepted. */
  void compared() {
    earlier = Lsn.ZERO;
  }

  /**
   * {@return the end, or one that is not behind a position of interest; empty if it is not known}
   *
   * @param position of interest
   * @param durable everything before it was delivered, by this process too if it began before it
   */
  public Optional<Lsn> end(Lsn position, Lsn durable) throws InterruptedException {
    Lsn known = Objects.requireNonNull(end.get());
    boolean certain =
        known.isAfter(position) || !earlier.isAfter(position) || !durable.isBefore(earlier);
    return certain ? Optional.of(known) : asked(known);
  }

  private Optional<Lsn> asked(Lsn known) throws InterruptedException {
    Lsn furthest = known;
    for (TableId table : tables.get()) {
      String what = "asking destination " + destination.name() + " for its last key";
      Optional<EventSequence> last =
          DestinationCall.answering(what, () -> destination.lastApplied(table)).make();
      if (last.isEmpty()) {
        return Optional.empty();
      }
      EventSequence key = last.get();
      furthest = key.equals(EventSequence.NONE) ? furthest : Lsn.max(furthest, key.commitLsn().plus(1));
    }
    return Optional.of(furthest);
  }
}
