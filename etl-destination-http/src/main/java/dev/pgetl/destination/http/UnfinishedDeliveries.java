package dev.pgetl.destination.http;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Deliveries that failed halfway. The pipeline makes the same call again, which continues where it
 * failed, split in the same way. Thread-safe; remembers a bounded number.
 */
final class UnfinishedDeliveries {
  private static final int MOST = 64;

  private final Object lock = new Object();
  private final Map<String, Started> byName =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Started> eldest) {
          return size() > MOST;
        }
      };

  /**
   * The progress of a delivery. Owned by the delivery while it runs.
   *
   * @param bodyLimit the size at which it began to cut
   * @param taken keys of the requests that were taken
   */
  record Started(int bodyLimit, Set<String> taken) {}

  /** {@return the progress of a batch's delivery; a new one if it begins} */
  Started resume(String name, int bodyLimit) {
    synchronized (lock) {
      Started started = byName.remove(name);
      return started == null ? new Started(bodyLimit, new HashSet<>()) : started;
    }
  }

  /** Remembers a delivery that failed. */
  void keep(String name, Started started) {
    synchronized (lock) {
      byName.put(name, started);
    }
  }
}
