package dev.pgetl.testkit.contract;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Paused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Broken stores: mistakes in the keeping of phases, mappings and progress. */
final class StateStoreMutants {
  private StateStoreMutants() {}

  static List<StoreMutant> all() {
    return List.of(
        new StoreMutant("live views", "s1_maps", LiveViews::new),
        new StoreMutant("reads from persistence", "s1_lookUps", ReadsFromPersistence::new),
        new StoreMutant("phases in memory only", "s2_phases", PhasesInMemoryOnly::new),
        new StoreMutant(
            "loses concurrent writes", "s2_writesOfManyThreads", LosesConcurrentWrites::new),
        new StoreMutant("deletion in memory only", "s2_deletedProgress", DeletionInMemoryOnly::new),
        new StoreMutant(
            "progress moves back", "s3_progressNeverMovesBackward", ProgressMovesBack::new),
        new StoreMutant("signed positions", "s3_positionsAreUnsigned", SignedPositions::new),
        new StoreMutant("blind for lineage", "s3_anotherLineage", BlindForLineage::new),
        new StoreMutant("memory first", "s4_aFailedPhase", MemoryFirst::new),
        new StoreMutant("swallows failures", "s4_aFailedMapping", SwallowsFailures::new),
        new StoreMutant("foreign exception", "s4_aFailedStep", ForeignException::new),
        new StoreMutant("loading merges", "s5_loadingReplaces", LoadingMerges::new),
        new StoreMutant("no history after load", "s6_historySurvives", NoHistoryAfterLoad::new),
        new StoreMutant("rollback adds a step", "s6_rollbackReturns", RollbackAddsStep::new),
        new StoreMutant("rollback in memory only", "s6_historyGoesOn", RollbackInMemoryOnly::new),
        new StoreMutant("takes every phase", "s7_", TakesEveryPhase::new),
        new StoreMutant("counts repetitions", "s8_", CountsRepetitions::new),
        new StoreMutant("proves by writing", "s9_proving", ProvesByWriting::new),
        new StoreMutant("proves nothing", "s9_aLost", ProvesNothing::new),
        new StoreMutant("notices a loss once", "s9_aLost", NoticesOnce::new),
        new StoreMutant("several in memory only", "s10_several", SeveralInMemoryOnly::new),
        new StoreMutant("several replace all", "s10_others", SeveralReplaceAll::new),
        new StoreMutant("several without history", "s10_each", SeveralWithoutHistory::new),
        new StoreMutant("several in memory first", "s10_aFailed", SeveralInMemoryFirst::new),
        new StoreMutant("several of every phase", "s10_aPhase", SeveralOfEveryPhase::new),
        new StoreMutant("pauses without a time", "s11_aPause", PausesWithoutTime::new),
        new StoreMutant("every pause is the same", "s11_another", EveryPauseIsTheSame::new));
  }

  private static final class PausesWithoutTime extends ReferenceStore {
    PausesWithoutTime(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
      super.updateTableReplicationState(
          id, phase instanceof Paused paused ? new Paused(Instant.EPOCH, paused.from()) : phase);
    }
  }

  private static final class EveryPauseIsTheSame extends ReferenceStore {
    EveryPauseIsTheSame(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
      boolean paused = getTableReplicationState(id).filter(Paused.class::isInstance).isPresent();
      if (!paused || !(phase instanceof Paused)) {
        super.updateTableReplicationState(id, phase);
      }
    }
  }

  private static final class LiveViews extends ReferenceStore {
    LiveViews(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Map<TableId, String> getTableMappings() {
      return Collections.unmodifiableMap(memory.mappings);
    }
  }

  private static final class ReadsFromPersistence extends ReferenceStore {
    ReadsFromPersistence(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Optional<String> getTableMapping(TableId source) {
      synchronized (persistent) {
        persistent.requireWorking();
        return Optional.ofNullable(persistent.mappings.get(source));
      }
    }
  }

  private static final class PhasesInMemoryOnly extends ReferenceStore {
    PhasesInMemoryOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
      synchronized (persistent) {
        memory.addPhase(id, phase);
      }
    }
  }

  private static final class LosesConcurrentWrites extends ReferenceStore {
    LosesConcurrentWrites(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeTableMapping(TableId source, String destinationTable) {
      Map<TableId, String> copy;
      synchronized (persistent) {
        copy = new HashMap<>(persistent.mappings);
      }
      LockSupport.parkNanos(100_000);
      copy.put(source, destinationTable);
      synchronized (persistent) {
        persistent.mappings = copy;
        memory.mappings.put(source, destinationTable);
      }
    }
  }

  private static final class DeletionInMemoryOnly extends ReferenceStore {
    DeletionInMemoryOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void deleteReplicationProgress(String slotName) {
      synchronized (persistent) {
        memory.progress.remove(slotName);
      }
    }
  }

  private static final class ProgressMovesBack extends ReferenceStore {
    ProgressMovesBack(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeReplicationProgress(ReplicationProgress progress) {
      write(layer -> layer.progress.put(progress.slotName(), progress));
    }
  }

  private static final class SignedPositions extends ReferenceStore {
    SignedPositions(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeReplicationProgress(ReplicationProgress progress) {
      Optional<ReplicationProgress> current = getReplicationProgress(progress.slotName());
      if (current.isEmpty()
          || !current.get().lineage().equals(progress.lineage())
          || progress.flushedLsn().value() > current.get().flushedLsn().value()) {
        write(layer -> layer.progress.put(progress.slotName(), progress));
      }
    }
  }

  private static final class BlindForLineage extends ReferenceStore {
    BlindForLineage(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeReplicationProgress(ReplicationProgress progress) {
      Optional<ReplicationProgress> current = getReplicationProgress(progress.slotName());
      if (current.isEmpty() || progress.flushedLsn().isAfter(current.get().flushedLsn())) {
        super.storeReplicationProgress(progress);
      }
    }
  }

  private static final class MemoryFirst extends ReferenceStore {
    MemoryFirst(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    void write(Consumer<StoreLayer> change) {
      synchronized (persistent) {
        change.accept(memory);
        persistent.requireWorking();
        change.accept(persistent);
      }
    }
  }

  private static final class SwallowsFailures extends ReferenceStore {
    SwallowsFailures(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    void write(Consumer<StoreLayer> change) {
      synchronized (persistent) {
        if (!persistent.broken) {
          super.write(change);
        }
      }
    }
  }

  private static final class ForeignException extends ReferenceStore {
    ForeignException(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    void write(Consumer<StoreLayer> change) {
      try {
        super.write(change);
      } catch (EtlException e) {
        throw new EtlException(ErrorKind.INTERNAL, "write", e);
      }
    }
  }

  private static final class LoadingMerges extends ReferenceStore {
    LoadingMerges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public int loadTableReplicationStates() {
      synchronized (persistent) {
        persistent.requireWorking();
        persistent.phases.forEach((id, history) -> memory.phases.put(id, new ArrayList<>(history)));
        return persistent.phases.size();
      }
    }
  }

  private static final class NoHistoryAfterLoad extends ReferenceStore {
    NoHistoryAfterLoad(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public int loadTableReplicationStates() {
      int loaded = super.loadTableReplicationStates();
      synchronized (persistent) {
        memory.phases.replaceAll(
            (id, history) -> new ArrayList<>(history.subList(history.size() - 1, history.size())));
      }
      return loaded;
    }
  }

  private static final class RollbackAddsStep extends ReferenceStore {
    RollbackAddsStep(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public TableReplicationPhase rollbackTableReplicationState(TableId id) {
      synchronized (persistent) {
        List<TableReplicationPhase> history = memory.phases.getOrDefault(id, List.of());
        if (history.size() < 2) {
          throw new EtlException(ErrorKind.CONFIGURATION, "roll back: nothing before");
        }
        TableReplicationPhase before = history.get(history.size() - 2);
        updateTableReplicationState(id, before);
        return before;
      }
    }
  }

  private static final class RollbackInMemoryOnly extends ReferenceStore {
    RollbackInMemoryOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public TableReplicationPhase rollbackTableReplicationState(TableId id) {
      synchronized (persistent) {
        if (memory.phases.getOrDefault(id, List.of()).size() < 2) {
          throw new EtlException(ErrorKind.CONFIGURATION, "roll back: nothing before");
        }
        memory.removeLastPhase(id);
        return getTableReplicationState(id).orElseThrow();
      }
    }
  }

  private static final class TakesEveryPhase extends ReferenceStore {
    TakesEveryPhase(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
      write(layer -> layer.addPhase(id, phase));
    }
  }

  private static final class CountsRepetitions extends ReferenceStore {
    CountsRepetitions(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
      super.updateTableReplicationState(id, phase);
      write(layer -> layer.phases.computeIfAbsent(id, key -> new ArrayList<>()).add(phase));
    }
  }

  private static final class ProvesByWriting extends ReferenceStore {
    ProvesByWriting(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void proveOwnership() {
      super.proveOwnership();
      write(layer -> layer.phases.values().forEach(history -> history.add(new Init())));
    }
  }

  private static final class ProvesNothing extends ReferenceStore {
    ProvesNothing(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void proveOwnership() {}
  }

  private static final class NoticesOnce extends ReferenceStore {
    NoticesOnce(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void proveOwnership() {
      synchronized (persistent) {
        try {
          super.proveOwnership();
        } finally {
          persistent.lost = false;
        }
      }
    }
  }

  private static final class SeveralInMemoryOnly extends ReferenceStore {
    SeveralInMemoryOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
      synchronized (persistent) {
        phases.forEach(memory::addPhase);
      }
    }
  }

  private static final class SeveralReplaceAll extends ReferenceStore {
    SeveralReplaceAll(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
      write(
          layer -> {
            layer.phases.clear();
            phases.forEach(layer::addPhase);
          });
    }
  }

  private static final class SeveralWithoutHistory extends ReferenceStore {
    SeveralWithoutHistory(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
      write(
          layer -> {
            phases.keySet().forEach(layer.phases::remove);
            phases.forEach(layer::addPhase);
          });
    }
  }

  private static final class SeveralInMemoryFirst extends ReferenceStore {
    SeveralInMemoryFirst(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
      synchronized (persistent) {
        phases.forEach(memory::addPhase);
        persistent.requireWorking();
        phases.forEach(persistent::addPhase);
      }
    }
  }

  private static final class SeveralOfEveryPhase extends ReferenceStore {
    SeveralOfEveryPhase(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
      write(layer -> phases.forEach(layer::addPhase));
    }
  }
}
