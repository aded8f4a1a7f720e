package dev.pgetl.micrometer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;

/**
 * Adds up counts that begin again at 0: those of a pipeline that is started again, or of a table
 * that is copied again. Never falls. Thread-safe.
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
   * @param counts the present counts, each by what it belongs to
   */
  double of(Map<?, Long> counts) {
    synchronized (lock) {
      for (Map.Entry<?, Long> count : counts.entrySet()) {
        add(count.getKey(), count.getValue());
      }
      return total;
    }
  }

  /**
   * {@return the sum of a count that begins again with each run}
   *
   * @param run which run it is
   * @param count the present count
   */
  double ofRun(long run, long count) {
    synchronized (lock) {
      if (run != lastRun) {
        last.clear();
        lastRun = run;
      }
      add("run", count);
      return total;
    }
  }

  @GuardedBy("lock")
  private void add(Object key, long now) {
    Long before = last.put(key, now);
    total += before == null || now < before ? now : now - before;
  }
}
