package dev.pgetl.micrometer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Adds up counts that begin again at 0: those of a pipeline that is started again, or of a table
 * that is copied again. Never falls.
 *
 * <p>What is counted is read while no other thread adds: an older reading that is added after a
 * newer one would look like a count that began again. Thread-safe.
 */
final class Sum {
  private final Object lock = new Object();

  /** Also of what is not there at the moment: a table is not while its pipeline starts again. */
  @GuardedBy("lock")
  private final Map<Object, Long> last = new HashMap<>();

  @GuardedBy("lock")
  private double total;

  @GuardedBy("lock")
  private long lastRun;

  /**
   * {@return the sum of several counts, each of which begins again by itself}
   *
   * @param counts reads the present counts, each by what it belongs to
   */
  double of(Supplier<? extends Map<?, Long>> counts) {
    synchronized (lock) {
      for (Map.Entry<?, Long> count : counts.get().entrySet()) {
        add(count.getKey(), count.getValue());
      }
      return total;
    }
  }

  /**
   * {@return the sum of a count that begins again with each run}
   *
   * @param latest reads the pipeline
   * @param count the count of a reading
   */
  double ofRun(Supplier<Reading> latest, ToLongFunction<Reading> count) {
    synchronized (lock) {
      Reading reading = latest.get();
      if (reading.run() != lastRun) {
        last.clear();
        lastRun = reading.run();
      }
      add("run", count.applyAsLong(reading));
      return total;
    }
  }

  @GuardedBy("lock")
  private void add(Object key, long now) {
    Long before = last.put(key, now);
    total += before == null || now < before ? now : now - before;
  }
}
