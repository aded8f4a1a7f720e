package dev.pgetl.destination.http;

import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.http.DeliveryRequest.Kind;
import dev.pgetl.destination.http.transport.Doubt;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries that failed halfway. The pipeline makes the same call again, which continues where it
 * failed, split in the same way. Thread-safe; remembers a bounded number.
 */
final class UnfinishedDeliveries {
  /** Without replicas there is no epoch to end, and none to name. */
  static final Epoch NO_EPOCH = Epoch.endless(0);

  private static final int MOST = 64;

  private final Object lock = new Object();

  private Epoch epoch = NO_EPOCH;

  private final Map<String, Started> byName =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Started> eldest) {
          return size() > MOST;
        }
      };

  /** What became of a request. */
  enum Fate {
    /** The receiver may have it: it must be sent as it is. */
    OPEN,
    /** The receiver has it, or the dead letters do. */
    DONE,
    /** The receiver refused it: its halves are sent instead. */
    REFUSED,
    /** The same, because of its size: what follows is cut smaller. */
    TOO_LARGE
  }

  /** The progress of a delivery. Owned by the delivery while it runs. */
  static final class Started {
    private final int bodyLimit;
    private final Epoch epoch;
    private final Map<String, Fate> fates = new HashMap<>();

    private Started(int bodyLimit, Epoch epoch) {
      this.bodyLimit = bodyLimit;
      this.epoch = epoch;
    }

    /** {@return the epoch in which it began, which all its requests name} */
    Epoch epoch() {
      return epoch;
    }

    /** {@return the size at which it began to cut} */
    int bodyLimit() {
      return bodyLimit;
    }

    /** {@return what became of a request, null if it was not sent, or has certainly not arrived} */
    @Nullable Fate fate(String key) {
      return fates.get(key);
    }

    /**
     * {@return the doubt about a request before its next attempt} Keys of events do not depend on
     * the process, so it may have been sent from elsewhere; all other keys name a random part.
     */
    Doubt doubt(String key, Kind kind) {
      if (fates.get(key) == Fate.OPEN) {
        return Doubt.EARLIER_CALL;
      }
      return kind == Kind.EVENTS ? Doubt.ELSEWHERE : Doubt.NONE;
    }

    void note(String key, Fate fate) {
      fates.put(key, fate);
    }

    /** Notes that no attempt at a request can have arrived. */
    void forget(String key) {
      fates.remove(key);
    }
  }

  /** {@return the progress of a batch's delivery; a new one if it begins} */
  Started resume(String name, int bodyLimit) {
    synchronized (lock) {
      Started started = byName.remove(name);
      return started == null ? new Started(bodyLimit, epoch) : started;
    }
  }

  /** Forgets all of them: another process may have sent something since. */
  void beginEpoch(Epoch begun) {
    synchronized (lock) {
      epoch = begun;
      byName.clear();
    }
  }

  /** Remembers a delivery that failed, unless its epoch is over. */
  void keep(String name, Started started) {
    synchronized (lock) {
      if (started.epoch.equals(epoch)) {
        byName.put(name, started);
      }
    }
  }
}
