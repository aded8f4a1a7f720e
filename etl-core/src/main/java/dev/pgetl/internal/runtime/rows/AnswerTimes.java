package dev.pgetl.internal.runtime.rows;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import java.time.Duration;
import java.util.concurrent.locks.Lock;

/**
 * How long the destination takes to answer for a small table, and for how many it does not answer;
 * of all groups of a pipeline. It decides when a table is left behind, so that others need not wait
 * for it. Thread-safe.
 *
 * <p>A table that is left behind too early costs little: it is copied alone once it was answered
 * for. So what is much longer than the answers before is not waited for. A destination that pauses
 * does not answer for any table; with each one in a row the next one gets twice as long.
 */
public final class AnswerTimes {
  /** How many tables may have a hanging call, each with a thread and its rows. */
  private static final int MOST_HANGING = 100;

  /** How long the first table may take: every call of this destination may be slow. */
  private static final long FIRST_NANOS = Duration.ofSeconds(15).toNanos();

  private static final long LEAST_NANOS = Duration.ofMillis(250).toNanos();

  /** How many times as long as the answers before a table may take. */
  private static final int TIMES = 10;

  /** A table of 4 MiB may take four seconds more than one without rows. */
  private static final long NANOS_PER_BYTE = 1_000;

  private static final int MOST_DOUBLINGS = 6;

  /** By how much a long answer counts less with each that follows: a sixteenth. */
  private static final int FADING = 4;

  private final Ticker working;
  private final Lock lock;

  @GuardedBy("lock")
  private long longest = -1;

  @GuardedBy("lock")
  private int hanging;

  @GuardedBy("lock")
  private int unanswered;

  /**
   * Creates the times of a destination that was asked nothing yet.
   *
   * @param working a clock that stops while the destination is not called
   */
  public AnswerTimes(Platform platform, Ticker working) {
    this.working = working;
    this.lock = platform.newLock();
  }

  /** {@return the time by which answers are measured} */
  long now() {
    return working.nanos();
  }

  /** The destination has answered for a table. */
  void answered(long nanos) {
    lock.lock();
    try {
      longest = Math.max(nanos, longest - (longest >> FADING));
      unanswered = 0;
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@return how long the destination may take for a table, in nanoseconds}
   *
   * @param bytes of the rows that it gets
   */
  long patience(long bytes) {
    lock.lock();
    try {
      if (longest < 0) {
        return FIRST_NANOS;
      }
      long least = LEAST_NANOS << Math.min(MOST_DOUBLINGS, unanswered);
      return Math.max(least, TIMES * longest) + bytes * NANOS_PER_BYTE;
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether a table may be left behind; {@link #returned} follows then} */
  boolean leave() {
    lock.lock();
    try {
      boolean room = hanging < MOST_HANGING;
      hanging += room ? 1 : 0;
      unanswered += room ? 1 : 0;
      return room;
    } finally {
      lock.unlock();
    }
  }

  /** No call is made any more for a table that was left behind. */
  void returned() {
    lock.lock();
    try {
      hanging--;
    } finally {
      lock.unlock();
    }
  }
}
