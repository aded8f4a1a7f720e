package dev.pgetl.testkit.contract;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A store as simple as a right one can be: two layers in memory, the one that outlives the store
 * written first.
 */
public class ReferenceStore implements PipelineStore {
  final StoreLayer persistent;
  final StoreLayer memory = new StoreLayer();

  /** Creates a store that persists to nothing but itself. */
  public ReferenceStore() {
    this(new StoreLayer());
  }

  ReferenceStore(StoreLayer persistent) {
    this.persistent = persistent;
  }

  /** Does a change in both layers, or in none. */
  void write(Consumer<StoreLayer> change) {
    synchronized (persistent) {
      persistent.requireWorking();
      change.accept(persistent);
      change.accept(memory);
    }
  }

  @Override
  public void proveOwnership() {
    synchronized (persistent) {
      persistent.requireWorking();
      if (persistent.lost) {
        throw new EtlException(ErrorKind.STORE_LOCKED, "another process has taken the layer");
      }
    }
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    synchronized (persistent) {
      return Optional.ofNullable(memory.schemas.get(id))
          .map(versions -> versions.lastEntry().getValue());
    }
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    synchronized (persistent) {
      return Optional.ofNullable(memory.schemas.get(id))
          .map(versions -> versions.floorEntry(at))
          .map(Map.Entry::getValue);
    }
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    synchronized (persistent) {
      return memory.schemas.values().stream()
          .map(versions -> versions.lastEntry().getValue())
          .toList();
    }
  }

  @Override
  public int loadTableSchemas() {
    synchronized (persistent) {
      persistent.requireWorking();
      memory.loadSchemas(persistent);
      return memory.schemas.values().stream().mapToInt(TreeMap::size).sum();
    }
  }

  @Override
  public void storeTableSchema(TableSchema schema) {
    write(layer -> layer.addSchema(schema));
  }

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    synchronized (persistent) {
      persistent.requireWorking();
      memory.prune(retention);
      return persistent.prune(retention);
    }
  }

  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    return Optional.ofNullable(getTableReplicationStates().get(id));
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    synchronized (persistent) {
      Map<TableId, TableReplicationPhase> current = new HashMap<>();
      memory.phases.forEach((id, history) -> current.put(id, history.get(history.size() - 1)));
      return Map.copyOf(current);
    }
  }

  @Override
  public int loadTableReplicationStates() {
    synchronized (persistent) {
      persistent.requireWorking();
      memory.loadPhases(persistent);
      return memory.phases.size();
    }
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
    if (!phase.isStored()) {
      throw new IllegalArgumentException("not stored: " + phase.name());
    }
    write(layer -> layer.addPhase(id, phase));
  }

  @Override
  public boolean keepsPauses() {
    return true;
  }

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    synchronized (persistent) {
      if (memory.phases.getOrDefault(id, List.of()).size() < 2) {
        throw new EtlException(ErrorKind.CONFIGURATION, "roll back: nothing before");
      }
      write(layer -> layer.removeLastPhase(id));
      return getTableReplicationState(id).orElseThrow();
    }
  }

  @Override
  public Optional<String> getTableMapping(TableId source) {
    return Optional.ofNullable(getTableMappings().get(source));
  }

  @Override
  public Map<TableId, String> getTableMappings() {
    synchronized (persistent) {
      return Map.copyOf(memory.mappings);
    }
  }

  @Override
  public int loadTableMappings() {
    synchronized (persistent) {
      persistent.requireWorking();
      memory.mappings = new HashMap<>(persistent.mappings);
      return memory.mappings.size();
    }
  }

  @Override
  public void storeTableMapping(TableId source, String destinationTable) {
    write(layer -> layer.mappings.put(source, destinationTable));
  }

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    synchronized (persistent) {
      return Optional.ofNullable(memory.progress.get(slotName));
    }
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress progress) {
    write(layer -> layer.moveProgress(progress));
  }

  @Override
  public int loadReplicationProgress() {
    synchronized (persistent) {
      persistent.requireWorking();
      memory.progress = new HashMap<>(persistent.progress);
      return memory.progress.size();
    }
  }

  @Override
  public void deleteReplicationProgress(String slotName) {
    write(layer -> layer.progress.remove(slotName));
  }

  @Override
  public Optional<String> getCopyRanges(TableId id) {
    synchronized (persistent) {
      return Optional.ofNullable(memory.copies.get(id));
    }
  }

  @Override
  public int loadCopyRanges() {
    synchronized (persistent) {
      persistent.requireWorking();
      memory.copies = new HashMap<>(persistent.copies);
      return memory.copies.size();
    }
  }

  @Override
  public void storeCopyRanges(TableId id, String ranges) {
    write(layer -> layer.copies.put(id, ranges));
  }

  @Override
  public void deleteCopyRanges(TableId id) {
    write(layer -> layer.copies.remove(id));
  }

  @Override
  public void cleanupTableState(TableId id) {
    write(layer -> layer.cleanup(id));
  }
}
