package dev.pgetl.internal.platform;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;

/** The platform of the JVM, with a clock that a test moves. Thread-safe. */
public class ManualPlatform implements Platform {
  private final AtomicLong nanos;

  /** Starts the clock at a time in nanoseconds. */
  public ManualPlatform(long nanos) {
    this.nanos = new AtomicLong(nanos);
  }

  public void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public Instant instant() {
    return Instant.EPOCH.plusNanos(nanos());
  }

  @Override
  public Lock newLock() {
    return Platform.jvm().newLock();
  }

  @Override
  public Thread newThread(Runnable body) {
    return Platform.jvm().newThread(body);
  }

  @Override
  public RandomGenerator random() {
    return Platform.jvm().random();
  }
}
