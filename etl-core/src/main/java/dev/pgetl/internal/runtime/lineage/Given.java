package dev.pgetl.internal.runtime.lineage;

import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Up to where the destination may hold what was committed. It is asked only where this process does
 * not know it. Thread-safe.
 *
 * <p>An end is the first position of the log whose commit was not handed over: right behind the
 * start of a commit record, and for copied rows the position of their snapshot.
 */
public final class Given {
  private static final Lsn EVERYTHING = new Lsn(-1);

  private final LastKeys keys;
  private final AtomicReference<Lsn> end = new AtomicReference<>(Lsn.ZERO);

  /** Up to where other processes may have copied rows. */
  private volatile Lsn copied;

  /** Up to where other processes may have handed over events. */
  private volatile Lsn earlier;

  private Given(LastKeys keys, Lsn copied, Lsn earlier) {
    this.keys = keys;
    this.copied = copied;
    this.earlier = earlier;
  }

  /**
   * {@return what is known of what other processes have handed over}
   *
   * @param keys what the destination says of it
   * @param copied up to where tables may have been copied
   */
  public static Given byOthers(LastKeys keys, Lsn copied) {
    return new Given(keys, copied, EVERYTHING);
  }

  /**
   * {@return the same for a process that hands over what follows}
   *
   * @param most where the log ended before this process began: earlier ones were given no more
   */
  public static Given from(LastKeys keys, Lsn copied, Lsn most) {
    return new Given(keys, copied, most);
  }

  /** {@return the tables whose events are handed over} */
  List<TableId> tables() {
    return keys.tables();
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
    Optional<Lsn> answer = keys.end(own, position);
    boolean isBehind = answer.filter(known -> known.isAfter(position)).isPresent();
    return isBehind || !copied.isAfter(position) ? answer : Optional.empty();
  }
}
