package dev.pgetl.micrometer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pipeline at most once in half a second, so that all meters of a scrape share a reading.
 * Thread-safe.
 */
final class LatestReading {
  private static final long FRESH_NANOS = 500_000_000;

  private final Object lock = new Object();
  private final Supplier<Reading> pipeline;
  private final Clock clock;

  @GuardedBy("lock")
  private @Nullable Reading last;

  @GuardedBy("lock")
  private long readNanos;

  LatestReading(Supplier<Reading> pipeline, Clock clock) {
    this.pipeline = pipeline;
    this.clock = clock;
  }

  Reading get() {
    synchronized (lock) {
      Reading reading = last;
      long now = clock.monotonicTime();
      if (reading == null || now - readNanos >= FRESH_NANOS) {
        Reading next = pipeline.get();
        reading = reading == null ? next : next.after(reading);
        last = reading;
        readNanos = now;
      }
      return reading;
    }
  }

  long wallMillis() {
    return clock.wallTime();
  }
}
