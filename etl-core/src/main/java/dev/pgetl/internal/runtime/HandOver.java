package dev.pgetl.internal.runtime;

import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which changes of a table the main stream carries, and how a table gets there from its own stream
 * without a change lost or delivered twice.
 *
 * <p>The main stream publishes each transaction it begins. A table's own stream, once it has caught
 * up, asks for a <em>fence</em>: the first position the main stream has not passed by yet. It goes
 * on until it has delivered everything committed before the fence (or a little more) and names
 * where it ended; from there on the main stream carries the table. In between the main stream waits
 * only if it meets a change of that very table behind the fence, and not for long: it takes the
 * fence away and goes on without the table, which tries again. It waits twice as long for each
 * further fence of a table that has not been handed over, or a destination whose calls take longer
 * than that would never get there. A table asks again only once its own stream has ended, so the
 * main stream never waits for more than twice the time the destination has been seen to need.
 *
 * <p>Thread-safe.
 */
final class HandOver {
  /** What a waiting reader does meanwhile. */
  interface Waiting {
    /** {@return whether to go on waiting} Called about ten times a second without a lock held. */
    boolean goOn();
  }

  private static final long WAIT_MILLIS = 100;

  /** How often the main stream looks again before it takes the first fence of a table away. */
  private static final int FIRST_PATIENCE = 50;

  private static final int MAX_DOUBLINGS = 20;

  /**
   * The table's changes from a position on are the main stream's; while it is null, they are being
   * handed over.
   */
  private static final class Gate {
    private final Lsn fence;
    private final int patience;
    private boolean agreed;
    private @Nullable Lsn from;
    private boolean ready;

    private Gate(Lsn fence, int patience, @Nullable Lsn from, boolean ready) {
      this.fence = fence;
      this.patience = patience;
      this.from = from;
      this.ready = ready;
    }
  }

  private final long waitMillis;
  private final Object lock = new Object();
  private final Map<TableId, Gate> gates = new HashMap<>();
  private final Map<TableId, Integer> fencesTakenAway = new HashMap<>();
  private final Map<TableId, Lsn> left = new HashMap<>();
  private volatile Lsn lastBegun = Lsn.ZERO;
  private volatile int pendingReady;

  HandOver() {
    this(WAIT_MILLIS);
  }

  /** For a simulation, in which time passes by itself: 0 does not wait. */
  HandOver(long waitMillis) {
    this.waitMillis = waitMillis;
  }

  /** The main stream starts at a position: everything committed before it has passed. */
  void startAt(Lsn position) {
    lastBegun = Lsn.max(lastBegun, position.plus(-1));
  }

  /** The main stream begins a transaction. Called by its reader only. */
  void begin(Lsn commitLsn) {
    if (commitLsn.isAfter(lastBegun)) {
      lastBegun = commitLsn;
    }
  }

  /** {@return the last transaction the main stream began} */
  Lsn lastBegun() {
    return lastBegun;
  }

  /**
   * {@return whether the main stream carries the changes a transaction made to a table} Waits while
   * the table is handed over, for five seconds or so the first time.
   */
  boolean accepts(TableId table, Lsn commitLsn, Waiting waiting) throws InterruptedException {
    for (int waits = 0; ; waits++) {
      synchronized (lock) {
        Gate gate = gates.get(table);
        if (gate == null) {
          return false;
        }
        if (gate.from != null) {
          return !commitLsn.isBefore(gate.from);
        }
        if (commitLsn.isBefore(gate.fence) || (waits >= gate.patience && takeAway(table))) {
          return false;
        }
        if (waitMillis > 0) {
          lock.wait(waitMillis);
        }
      }
      if (!waiting.goOn()) {
        return false;
      }
    }
  }

  /**
   * The table's own stream asks where to meet. It has to deliver everything committed before the
   * answer.
   */
  Lsn meet(TableId table) {
    synchronized (lock) {
      Lsn fence = lastBegun.plus(1);
      int doublings = Math.min(MAX_DOUBLINGS, fencesTakenAway.getOrDefault(table, 0));
      gates.put(table, new Gate(fence, FIRST_PATIENCE << doublings, null, false));
      return fence;
    }
  }

  /**
   * The main stream does not wait for the table any longer; its own stream carries on.
   *
   * @return false if it is too late for that: the two have agreed
   */
  boolean withdraw(TableId table) {
    synchronized (lock) {
      Gate gate = gates.get(table);
      return gate != null && gate.from == null && !gate.agreed && gates.remove(table, gate);
    }
  }

  /** The main stream has waited long enough. */
  private boolean takeAway(TableId table) {
    boolean taken = withdraw(table);
    if (taken) {
      fencesTakenAway.merge(table, 1, Integer::sum);
    }
    return taken;
  }

  /**
   * The table's own stream has delivered everything committed before its fence, and is about to
   * remember where it ended.
   *
   * @return whether the main stream waits for that; if not, the table has to {@link #meet} it again
   */
  boolean agree(TableId table) {
    synchronized (lock) {
      Gate gate = gates.get(table);
      if (gate != null) {
        gate.agreed = true;
      }
      return gate != null;
    }
  }

  /**
   * The table's own stream has delivered everything committed before a position; from there on it
   * is the main stream's.
   */
  void done(TableId table, Lsn from) {
    open(table, from, false);
  }

  /** The main stream carries the table since long. */
  void carried(TableId table) {
    open(table, Lsn.ZERO, true);
  }

  private void open(TableId table, Lsn from, boolean ready) {
    synchronized (lock) {
      gates.put(table, new Gate(from, 0, from, ready));
      left.remove(table);
      fencesTakenAway.remove(table);
      countPending();
      lock.notifyAll();
    }
  }

  /** The main stream does not carry the table (any more). */
  void leave(TableId table) {
    synchronized (lock) {
      Gate gate = gates.remove(table);
      if (gate != null && gate.from != null) {
        left.put(table, lastBegun);
      }
      countPending();
      lock.notifyAll();
    }
  }

  /**
   * {@return the last transaction of which the main stream may still hold changes of the table;
   * null if there is none}
   */
  @Nullable Lsn leftAt(TableId table) {
    synchronized (lock) {
      return left.get(table);
    }
  }

  /** {@return whether tables wait for the main stream to reach the end of their own} */
  boolean hasPending() {
    return pendingReady > 0;
  }

  /**
   * {@return the tables whose own stream ended at or before a position, with that end, until they
   * are {@link #ready}}
   */
  Map<TableId, Lsn> reached(Lsn position) {
    if (pendingReady == 0) {
      return Map.of();
    }
    synchronized (lock) {
      Map<TableId, Lsn> reached = new HashMap<>();
      gates.forEach(
          (table, gate) -> {
            if (!gate.ready && gate.from != null && !gate.from.isAfter(position)) {
              reached.put(table, gate.from);
            }
          });
      return reached;
    }
  }

  /** It is remembered that the main stream carries the table from where its own stream ended. */
  void ready(TableId table, Lsn from) {
    synchronized (lock) {
      Gate gate = gates.get(table);
      if (gate != null && from.equals(gate.from)) {
        gate.ready = true;
        countPending();
      }
    }
  }

  private void countPending() {
    pendingReady =
        (int) gates.values().stream().filter(gate -> gate.from != null && !gate.ready).count();
  }
}
