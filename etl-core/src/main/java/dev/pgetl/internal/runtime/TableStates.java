package dev.pgetl.internal.runtime;

import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.StateStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where every table stands, the phases that live in memory only included. A phase that is stored
 * goes to the store first.
 *
 * <p>Thread-safe.
 */
final class TableStates {
  private static final Logger LOG = LoggerFactory.getLogger(TableStates.class);

  private static final class Entry {
    private final Object moving = new Object();
    private volatile TableName name;
    private volatile TableReplicationPhase phase;
    private volatile long copiedRows;
    private volatile long copiedBytes;
    private volatile long estimatedRows = -1;
    private volatile int failures;

    private Entry(TableName name, TableReplicationPhase phase) {
      this.name = name;
      this.phase = phase;
    }
  }

  private static final long WAIT_MILLIS = 100;

  private final Object lock = new Object();
  private final StateStore store;
  private final PipelineListener listener;
  private final Map<TableId, Entry> entries = new ConcurrentHashMap<>();

  TableStates(StateStore store, PipelineListener listener) {
    this.store = store;
    this.listener = listener;
  }

  /** A table the store knows. */
  void known(TableId id, TableName name, TableReplicationPhase phase) {
    Entry entry = new Entry(name, phase);
    if (phase instanceof Errored errored) {
      entry.failures = errored.attempt();
    }
    entries.put(id, entry);
  }

  /** A table the store does not know yet. */
  void add(TableId id, TableName name) {
    entries.put(id, new Entry(name, new TableReplicationPhase.Init()));
    set(id, new TableReplicationPhase.Init());
  }

  void rename(TableId id, TableName name) {
    Entry entry = entries.get(id);
    if (entry != null && !entry.name.equals(name)) {
      about(name, () -> LOG.info("table {} is called {} now", entry.name, name));
      entry.name = name;
    }
  }

  void remove(TableId id) {
    entries.remove(id);
  }

  Set<TableId> ids() {
    return Set.copyOf(entries.keySet());
  }

  boolean contains(TableId id) {
    return entries.containsKey(id);
  }

  @Nullable TableReplicationPhase phase(TableId id) {
    Entry entry = entries.get(id);
    return entry == null ? null : entry.phase;
  }

  TableName name(TableId id) {
    Entry entry = entries.get(id);
    return entry == null ? new TableName("?", id.toString()) : entry.name;
  }

  /** Moves a table; ignored if the table has been removed meanwhile. */
  void set(TableId id, TableReplicationPhase phase) {
    Entry entry = entries.get(id);
    if (entry != null) {
      synchronized (entry.moving) {
        enter(id, entry, phase);
      }
      announce(id, entry.name, phase);
    }
  }

  /** Moves a table that is still where the caller saw it; {@code false} if it is not. */
  boolean move(TableId id, TableReplicationPhase from, TableReplicationPhase to) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return false;
    }
    synchronized (entry.moving) {
      if (!entry.phase.equals(from)) {
        return false;
      }
      enter(id, entry, to);
    }
    announce(id, entry.name, to);
    return true;
  }

  /** The store is called under the table's lock, so that it holds the phase that came last. */
  private void enter(TableId id, Entry entry, TableReplicationPhase phase) {
    if (phase.isStored()) {
      store.updateTableReplicationState(id, phase);
    }
    entry.phase = phase;
    if (phase instanceof SyncDone || phase instanceof TableReplicationPhase.Ready) {
      entry.failures = 0;
    }
  }

  private void announce(TableId id, TableName name, TableReplicationPhase phase) {
    about(name, () -> log(name, phase));
    synchronized (lock) {
      lock.notifyAll();
    }
    Observers.tell(() -> listener.onTablePhase(id, name, phase));
  }

  private static void log(TableName name, TableReplicationPhase phase) {
    if (phase instanceof Errored errored) {
      LOG.warn(
          "table {} stands still: {} ({}, attempt {})",
          name,
          errored.reason(),
          errored.retryDirective(),
          errored.attempt());
    } else if (phase instanceof SyncWait wait) {
      LOG.info("table {} is {}, at {}", name, phase.name(), wait.lsn());
    } else if (phase instanceof Catchup catchup) {
      LOG.info("table {} is {}, up to {}", name, phase.name(), catchup.lsn());
    } else if (phase instanceof SyncDone done) {
      LOG.info("table {} is {}, at {}", name, phase.name(), done.lsn());
    } else {
      LOG.info("table {} is {}", name, phase.name());
    }
  }

  /** A line about a table may come from a thread that has to do with many. */
  private static void about(TableName name, Runnable line) {
    LogContext context = LogContext.enter(name);
    try {
      line.run();
    } finally {
      context.leave();
    }
  }

  /**
   * {@return whether every table was ready in time} Ends early, false, when {@code ended} says so.
   */
  boolean awaitReady(long nanos, BooleanSupplier ended) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    synchronized (lock) {
      while (!allReady() && !ended.getAsBoolean()) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        lock.wait(Math.min(left, WAIT_MILLIS));
      }
      return allReady();
    }
  }

  private boolean allReady() {
    return entries.values().stream()
        .allMatch(entry -> entry.phase instanceof TableReplicationPhase.Ready);
  }

  /** Takes an errored table back to where it was. */
  TableReplicationPhase rollback(TableId id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return store.rollbackTableReplicationState(id);
    }
    synchronized (entry.moving) {
      TableReplicationPhase phase = store.rollbackTableReplicationState(id);
      entry.phase = phase;
      return phase;
    }
  }

  /** {@return how many times in a row the table has failed, this time included} */
  int countFailure(TableId id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return 1;
    }
    int failures = entry.failures + 1;
    entry.failures = failures;
    return failures;
  }

  /** A person asked for a new beginning. */
  void forgetFailures(TableId id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.failures = 0;
    }
  }

  void copyBegins(TableId id, long estimatedRows) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.copiedRows = 0;
      entry.copiedBytes = 0;
      entry.estimatedRows = estimatedRows;
    }
  }

  /** Called by the one thread that writes the table's rows. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void copied(TableId id, int rows, long bytes) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.copiedRows += rows;
      entry.copiedBytes += bytes;
    }
    Observers.tell(() -> listener.onRowsCopied(id, rows, bytes));
  }

  Map<TableId, TableStatus> status() {
    return entries.entrySet().stream()
        .collect(
            Collectors.toUnmodifiableMap(
                Map.Entry::getKey, each -> status(each.getKey(), each.getValue())));
  }

  private static TableStatus status(TableId id, Entry entry) {
    return new TableStatus(
        id, entry.name, entry.phase, entry.copiedRows, entry.copiedBytes, entry.estimatedRows);
  }
}
