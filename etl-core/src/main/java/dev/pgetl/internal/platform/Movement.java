package dev.pgetl.internal.platform;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one thread of a pipeline does, and since when: it works, or it waits. Each wait begins and
 * ends a lap, so a thread that has worked for long without one does not move.
 *
 * <p>A lap costs one write of a long that no other thread writes. There is none per row or event:
 * only calls that may block have one. Threads that no pipeline started have no movement; for them
 * {@link #begin} and {@link #end} do nothing. Thread-safe.
 */
public final class Movement {
  /** What a thread does. */
  public enum Doing {
    /** It computes, or runs code of the application that is not part of the destination. */
    WORKS,
    /** It connects, reads from the source, or writes to it. */
    AWAITS_SOURCE,
    /** It is in a call of the destination. */
    AWAITS_DESTINATION,
    /** It is in a call of the store. */
    AWAITS_STORE,
    /** Another thread has a lock. */
    AWAITS_LOCK,
    /** It has nothing to do: until another thread has something, or for a time. */
    AWAITS_WORK;

    private boolean isForThreads() {
      return this == AWAITS_LOCK || this == AWAITS_WORK;
    }
  }

  private static final ThreadLocal<@Nullable Movement> CURRENT = new ThreadLocal<>();
  private static final Doing[] ALL = Doing.values();

  /** What the thread does is in so many bits; the time is in those above. */
  private static final int BITS = 3;

  private static final long MASK = (1 << BITS) - 1;

  private final String thread;
  private final Ticker ticker;
  private final AtomicLong lap;

  Movement(String thread, Ticker ticker) {
    this.thread = thread;
    this.ticker = ticker;
    this.lap = new AtomicLong(at(ticker.nanos(), Doing.WORKS));
  }

  @SuppressWarnings("EnumOrdinal") // read back in this process only
  private static long at(long nanos, Doing doing) {
    return nanos << BITS | doing.ordinal();
  }

  // ---- for the thread itself ----

  /** {@return the movement of the calling thread before; it has the given one from now on} */
  static @Nullable Movement replace(@Nullable Movement next) {
    Movement before = CURRENT.get();
    if (next == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(next);
    }
    return before;
  }

  /**
   * Begins a wait of the calling thread. Inside of a call of source, destination or store, waiting
   * for other threads is a part of the call.
   *
   * @param next what it waits for
   * @return what it did before, for {@link #end}
   */
  public static Doing begin(Doing next) {
    Movement own = CURRENT.get();
    if (own == null) {
      return Doing.WORKS;
    }
    Doing before = own.doing();
    own.turnTo(next.isForThreads() && before != Doing.WORKS ? before : next);
    return before;
  }

  /**
   * Ends a wait of the calling thread.
   *
   * @param before what {@link #begin} returned
   */
  public static void end(Doing before) {
    Movement own = CURRENT.get();
    if (own != null) {
      own.turnTo(before);
    }
  }

  private void turnTo(Doing next) {
    lap.setOpaque(at(ticker.nanos(), next));
  }

  // ---- for others ----

  private Doing doing() {
    return ALL[(int) (lap.getOpaque() & MASK)];
  }

  /** {@return what it does and since when} */
  Lap lap() {
    long now = ticker.nanos() << BITS;
    long last = lap.getOpaque();
    return new Lap(thread, ALL[(int) (last & MASK)], Math.max(0, (now - (last & ~MASK)) >> BITS));
  }

  /**
   * A moment of a thread.
   *
   * @param thread its name
   * @param doing what it does
   * @param nanos for how long
   */
  public record Lap(String thread, Doing doing, long nanos) {}
}
