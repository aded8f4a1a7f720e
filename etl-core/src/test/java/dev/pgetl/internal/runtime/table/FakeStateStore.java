package dev.pgetl.internal.runtime.table;

import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps phases and progress in memory, with everything that was stored, in order. */
public final class FakeStateStore implements PipelineStore {
  private final Object lock = new Object();
  private final Map<TableId, List<TableReplicationPhase>> phases = new HashMap<>();
  private final Map<String, ReplicationProgress> progress = new HashMap<>();
  private final List<ReplicationProgress> stored = new ArrayList<>();
  private final List<Set<TableId>> together = new ArrayList<>();
  private @Nullable EtlException failure;
  private @Nullable EtlException failureAfterwards;
  private volatile @Nullable Hang hang;

  /** Writes of one table's phase do not return until they are released. */
  static final class Hang {
    private final TableId table;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    private Hang(TableId table) {
      this.table = table;
    }

    /** Returns once a write hangs. */
    void awaitBegun() throws InterruptedException {
      if (!begun.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("no write began");
      }
    }

    void release() {
      released.countDown();
    }

    private void awaitRelease() {
      begun.countDown();
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** From now on every write fails; null for none. */
  public void fail(@Nullable EtlException newFailure) {
    synchronized (lock) {
      failure = newFailure;
      failureAfterwards = null;
    }
  }

  /** From now on the store hangs when it writes the phase of a table. */
  public Hang hangIn(TableId table) {
    Hang hanging = new Hang(table);
    hang = hanging;
    return hanging;
  }

  /** From now on every write of a phase is done, and reported as failed. */
  public void failAfterWrite(EtlException newFailure) {
    synchronized (lock) {
      failureAfterwards = newFailure;
    }
  }

  /** {@return the phases a table had, the first first} */
  public List<TableReplicationPhase> history(TableId id) {
    synchronized (lock) {
      return List.copyOf(phases.getOrDefault(id, List.of()));
    }
  }

  public List<ReplicationProgress> stored() {
    synchronized (lock) {
      return List.copyOf(stored);
    }
  }

  private void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    List<TableReplicationPhase> history = history(id);
    return history.isEmpty() ? Optional.empty() : Optional.of(history.get(history.size() - 1));
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    synchronized (lock) {
      Map<TableId, TableReplicationPhase> states = new HashMap<>();
      phases.forEach((id, history) -> states.put(id, history.get(history.size() - 1)));
      return states;
    }
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
    if (!phase.isStored()) {
      throw new IllegalArgumentException("not stored: " + phase);
    }
    Hang hanging = hang;
    if (hanging != null && hanging.table.equals(id)) {
      hanging.awaitRelease();
    }
    synchronized (lock) {
      throwFailure();
      phases.computeIfAbsent(id, key -> new ArrayList<>()).add(phase);
      if (failureAfterwards != null) {
        throw failureAfterwards;
      }
    }
  }

  @Override
  public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> several) {
    Hang hanging = hang;
    if (hanging != null && several.containsKey(hanging.table)) {
      hanging.awaitRelease();
    }
    synchronized (lock) {
      throwFailure();
      together.add(Set.copyOf(several.keySet()));
      several.forEach((id, phase) -> phases.computeIfAbsent(id, k -> new ArrayList<>()).add(phase));
      if (failureAfterwards != null) {
        throw failureAfterwards;
      }
    }
  }

  /** {@return the tables of each write of several, the first first} */
  List<Set<TableId>> together() {
    synchronized (lock) {
      return List.copyOf(together);
    }
  }

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    synchronized (lock) {
      throwFailure();
      List<TableReplicationPhase> history = phases.getOrDefault(id, List.of());
      history.remove(history.size() - 1);
      if (failureAfterwards != null) {
        throw failureAfterwards;
      }
      return history.get(history.size() - 1);
    }
  }

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    synchronized (lock) {
      return Optional.ofNullable(progress.get(slotName));
    }
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress position) {
    synchronized (lock) {
      throwFailure();
      progress.put(position.slotName(), position);
      stored.add(position);
    }
  }

  @Override
  public void deleteReplicationProgress(String slotName) {
    synchronized (lock) {
      progress.remove(slotName);
    }
  }

  @Override
  public int loadTableReplicationStates() {
    return phases.size();
  }

  @Override
  public int loadReplicationProgress() {
    return progress.size();
  }

  @Override
  public Optional<String> getTableMapping(TableId source) {
    return Optional.empty();
  }

  @Override
  public Map<TableId, String> getTableMappings() {
    return Map.of();
  }

  @Override
  public int loadTableMappings() {
    return 0;
  }

  @Override
  public void storeTableMapping(TableId source, String destinationTable) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    return Optional.empty();
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    return Optional.empty();
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    return List.of();
  }

  @Override
  public int loadTableSchemas() {
    return 0;
  }

  @Override
  public void storeTableSchema(TableSchema schema) {}

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    return 0;
  }

  @Override
  public void cleanupTableState(TableId id) {}
}
