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
  private final AtomicReference<Lsn> end = new AtomicReference<>(Lsn.ZERO);

  /** Rows may have been copied up to here, by whom and when is not known. */
  private volatile Lsn copied;

  private volatile Lsn earlier;

  private Given(
      Destination destination, Supplier<Collection<TableId>> tables, Lsn copied, Lsn earlier) {
    this.destination = destination;
    this.tables = tables;
    this.copied = copied;
    this.earlier = earlier;
  }

  /**
   * {@return what is known of what other processes have handed over}
   *
   * @param tables of which the destination is asked
   * @param copied up to where tables may have been copied
   */
  public static Given byOthers(
      Destination destination, Supplier<Collection<TableId>> tables, Lsn copied) {
    return new Given(destination, tables, copied, EVERYTHING);
  }

  /**
   * {@return the same for a process that hands over what follows}
   *
   * @param most where the log ended before this process began: earlier ones were given no more
   */
  public static Given from(
      Destination destination, Supplier<Collection<TableId>> tables, Lsn copied, Lsn most) {
    return new Given(destination, tables, copied, most);
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
    copied = Lsn.ZERO;
    earlier = Lsn.ZERO;
  }

  /**
   * {@return the end, or one that is not behind a position of interest; empty if it is not known}
   *
   * @param position of interest
   * @param durable everything before it was delivered, by this process too if it began before it
   */
  Optional<Lsn> end(Lsn position, Lsn durable) throws InterruptedException {
    Lsn own = Objects.requireNonNull(end.get());
    Lsn others = durable.isBefore(earlier) ? Lsn.max(copied, earlier) : copied;
    if (own.isAfter(position) || !others.isAfter(position)) {
      return Optional.of(own);
    }
    Optional<Lsn> answer = answer(own, position);
    boolean isBehind = answer.filter(known -> known.isAfter(position)).isPresent();
    return isBehind || !copied.isAfter(position) ? answer : Optional.empty();
  }

  /** {@return the end that the destination names; empty if it knows too little} */
  private Optional<Lsn> answer(Lsn own, Lsn position) throws InterruptedException {
    Lsn furthest = own;
    boolean complete = true;
    for (TableId table : tables.get()) {
      String what = "asking destination " + destination.name() + " for its last key";
      Optional<EventSequence> last =
          DestinationCall.answering(what, () -> destination.lastApplied(table)).make();
      complete &= last.isPresent();
      EventSequence key = last.orElse(EventSequence.NONE);
      if (!key.equals(EventSequence.NONE)) {
        furthest = Lsn.max(furthest, key.commitLsn().plus(1));
      }
    }
    return complete || furthest.isAfter(position) ? Optional.of(furthest) : Optional.empty();
  }
}
