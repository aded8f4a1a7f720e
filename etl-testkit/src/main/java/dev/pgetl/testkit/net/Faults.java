package dev.pgetl.testkit.net;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** What is wrong with the network at the moment. Thread-safe. */
final class Faults {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final AtomicLong swallowedStatusMessages = new AtomicLong();
  private volatile State state = State.NONE;

  /**
   * All faults together.
   *
   * @param refusing whether new connections are reset
   * @param stalling whether nothing moves
   * @param swallowing whether everything is read and lost
   * @param swallowingStatus whether standby status messages are lost
   * @param latency how much later bytes arrive
   * @param bytesPerSecond how fast they pass
   */
  record State(
      boolean refusing,
      boolean stalling,
      boolean swallowing,
      boolean swallowingStatus,
      Duration latency,
      long bytesPerSecond) {
    static final State NONE = new State(false, false, false, false, Duration.ZERO, Long.MAX_VALUE);

    State withRefusing(boolean value) {
      return new State(value, stalling, swallowing, swallowingStatus, latency, bytesPerSecond);
    }

    State withStalling(boolean value) {
      return new State(refusing, value, swallowing, swallowingStatus, latency, bytesPerSecond);
    }

    State withSwallowing(boolean value) {
      return new State(refusing, stalling, value, swallowingStatus, latency, bytesPerSecond);
    }

    State withSwallowingStatus(boolean value) {
      return new State(refusing, stalling, swallowing, value, latency, bytesPerSecond);
    }

    State withLatency(Duration value) {
      return new State(refusing, stalling, swallowing, swallowingStatus, value, bytesPerSecond);
    }

    State withBytesPerSecond(long value) {
      return new State(refusing, stalling, swallowing, swallowingStatus, latency, value);
    }

    /** How long so many bytes take to pass. */
    Duration transferTime(int bytes) {
      return bytesPerSecond == Long.MAX_VALUE
          ? Duration.ZERO
          : Duration.ofNanos((long) (1e9 * bytes / bytesPerSecond));
    }
  }

  State state() {
    return state;
  }

  void change(UnaryOperator<State> change) {
    lock.lock();
    try {
      state = change.apply(state);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void countSwallowedStatusMessage() {
    swallowedStatusMessages.incrementAndGet();
  }

  long swallowedStatusMessages() {
    return swallowedStatusMessages.get();
  }

  /** Wakes waiting threads, so that they check their connection again. */
  void wake() {
    change(same -> same);
  }

  /** Waits while the network stalls, unless the connection ended. */
  void awaitFlow(BooleanSupplier ended) throws InterruptedException {
    lock.lock();
    try {
      while (state.stalling() && !ended.getAsBoolean()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits as long as said, unless the faults change or the connection ends. */
  void pause(Duration duration, BooleanSupplier ended) throws InterruptedException {
    if (duration.isZero()) {
      return;
    }
    State before = state;
    long remaining = duration.toNanos();
    lock.lock();
    try {
      while (remaining > 0 && state.equals(before) && !ended.getAsBoolean()) {
        remaining = changed.awaitNanos(remaining);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end of a connection that leads nowhere any more. */
  void awaitEnd(BooleanSupplier ended) throws InterruptedException {
    lock.lock();
    try {
      while (!ended.getAsBoolean()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
