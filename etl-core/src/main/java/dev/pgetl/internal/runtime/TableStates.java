package dev.pgetl.internal.runtime;

import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.StateStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
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
 * goes to the store first. A table leaves the main stream here and nowhere else, once a phase is
 * stored that says so: were it the other way round and the store away, the next start would take up
 * a table whose changes the main stream has passed by meanwhile.
 *
 * <p>Thread-safe.
 */
final class TableStates {
  private static final Logger LOG = LoggerFactory.getLogger(TableStates.class);

  private static final class Entry {
    private final Object moving = new Object();
    private volatile TableName name;
    private volatile TableReplicationPhase phase;
    private volatile TableReplicationPhase resumable = new Init();
    private volatile long copiedRows;
    private volatile long copiedBytes;
    private volatile long estimatedRows = -1;
    private volatile int failures;

    private Entry(TableName name, TableReplicationPhase phase) {
      this.name = name;
      enter(phase);
    }

    private void enter(TableReplicationPhase newPhase) {
      phase = newPhase;
      if (newPhase instanceof Errored errored) {
        failures = errored.attempt();
      } else if (newPhase instanceof SyncDone || newPhase instanceof Ready) {
        failures = 0;
        resumable = new Init();
      } else if (newPhase.isStored()) {
        resumable = newPhase;
      }
    }
  }

  private static final long WAIT_MILLIS = 100;

  private final Object lock = new Object();
  private final StateStore store;
  private final PipelineListener listener;
  private final HandOver handOver;
  private final Map<TableId, Entry> entries = new ConcurrentHashMap<>();

  TableStates(StateStore store, PipelineListener listener, HandOver handOver) {
    this.store = store;
    this.listener = listener;
    this.handOver = handOver;
  }

  /** A table the store knows. */
  void known(TableId id, TableName name, TableReplicationPhase phase) {
    entries.put(id, new Entry(name, phase));
  }

  /** A table the store knows, which stands still for a while and is then tried again. */
  void known(TableId id, TableName name, Errored errored, TableReplicationPhase before) {
    Entry entry = new Entry(name, before);
    entry.enter(errored);
    entries.put(id, entry);
  }

  /** A table the store does not know yet. */
  void add(TableId id, TableName name) {
    Init init = new Init();
    store.updateTableReplicationState(id, init);
    entries.put(id, new Entry(name, init));
    announce(id, name, init);
  }

  void rename(TableId id, TableName name) {
    Entry entry = entries.get(id);
    if (entry != null && !entry.name.equals(name)) {
      about(name, () -> LOG.info("table {} is called {} now", entry.name, name));
      entry.name = name;
    }
  }

  /** The store has forgotten the table. */
  void remove(TableId id) {
    entries.remove(id);
    handOver.leave(id);
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
      if (!isWithMainStream(phase)) {
        handOver.leave(id);
      }
    }
    entry.enter(phase);
  }

  static boolean isWithMainStream(@Nullable TableReplicationPhase phase) {
    return phase instanceof SyncDone || phase instanceof Ready;
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
    return entries.values().stream().allMatch(entry -> entry.phase instanceof Ready);
  }

  /**
   * Takes a table that failed back to where its work can go on. The store is told that phase; a
   * rollback would be a second step if the first one was done and reported as failed.
   */
  void resume(TableId id) {
    Entry entry = entries.get(id);
    if (entry != null && !entry.phase.equals(entry.resumable)) {
      set(id, entry.resumable);
    }
  }

  /** {@return how many times in a row the table has failed, if it fails now} */
  int nextFailure(TableId id) {
    Entry entry = entries.get(id);
    return entry == null ? 1 : entry.failures + 1;
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
    return TableStatus.builder(id, entry.name, entry.phase)
        .copiedRows(entry.copiedRows)
        .copiedBytes(entry.copiedBytes)
        .estimatedRows(entry.estimatedRows)
        .build();
  }
}
