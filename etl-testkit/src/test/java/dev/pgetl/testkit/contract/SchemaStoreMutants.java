package dev.pgetl.testkit.contract;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Broken stores: mistakes in the keeping of schemas, and of cleaning up. */
final class SchemaStoreMutants {
  private SchemaStoreMutants() {}

  static List<StoreMutant> all() {
    return List.of(
        new StoreMutant("never replaces a version", "c2_", NeverReplacesVersion::new),
        new StoreMutant("newest is last stored", "c3_theNewest", NewestIsLastStored::new),
        new StoreMutant("version starts too late", "c3_aVersionHolds", VersionStartsTooLate::new),
        new StoreMutant("schema loading merges", "c6_loadingReplaces", SchemaLoadingMerges::new),
        new StoreMutant("prunes too much", "c7_pruningKeeps", PrunesTooMuch::new),
        new StoreMutant("prunes all tables", "c7_pruningLeaves", PrunesAllTables::new),
        new StoreMutant("cleanup leaves schemas", "k1_everything", CleanupLeavesSchemas::new),
        new StoreMutant("cleanup leaves old versions", "k1_", CleanupLeavesHistory::new),
        new StoreMutant("cleanup takes progress", "k2_", CleanupTakesProgress::new),
        new StoreMutant("cleanup wants a table", "k3_", CleanupWantsTable::new),
        new StoreMutant("cleanup in memory only", "k4_survives", CleanupInMemoryOnly::new),
        new StoreMutant("cleanup breaks off", "k4_aFailedCleanup", CleanupBreaksOff::new));
  }

  private static final class NeverReplacesVersion extends ReferenceStore {
    NeverReplacesVersion(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeTableSchema(TableSchema schema) {
      write(
          layer ->
              layer
                  .schemas
                  .computeIfAbsent(schema.id(), id -> new TreeMap<>())
                  .putIfAbsent(schema.snapshotLsn(), schema));
    }
  }

  private static final class NewestIsLastStored extends ReferenceStore {
    private final Map<TableId, TableSchema> last = new HashMap<>();

    NewestIsLastStored(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void storeTableSchema(TableSchema schema) {
      super.storeTableSchema(schema);
      last.put(schema.id(), schema);
    }

    @Override
    public Optional<TableSchema> getTableSchema(TableId id) {
      return Optional.ofNullable(last.get(id)).or(() -> super.getTableSchema(id));
    }
  }

  private static final class VersionStartsTooLate extends ReferenceStore {
    VersionStartsTooLate(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
      return super.getTableSchema(id, at.plus(-1));
    }
  }

  private static final class SchemaLoadingMerges extends ReferenceStore {
    SchemaLoadingMerges(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public int loadTableSchemas() {
      synchronized (persistent) {
        persistent.requireWorking();
        persistent.schemas.forEach((id, all) -> memory.schemas.put(id, new TreeMap<>(all)));
        return persistent.schemas.values().stream().mapToInt(TreeMap::size).sum();
      }
    }
  }

  private static final class PrunesTooMuch extends ReferenceStore {
    PrunesTooMuch(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public int pruneTableSchemas(Map<TableId, Lsn> retention) {
      int[] removed = {0};
      write(
          layer ->
              retention.forEach(
                  (id, position) -> {
                    Map<Lsn, TableSchema> old =
                        layer.schemas.getOrDefault(id, new TreeMap<>()).headMap(position, false);
                    removed[0] = old.size();
                    old.clear();
                  }));
      return removed[0];
    }
  }

  private static final class PrunesAllTables extends ReferenceStore {
    PrunesAllTables(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public int pruneTableSchemas(Map<TableId, Lsn> retention) {
      Map<TableId, Lsn> all = new HashMap<>();
      getTableSchemas().forEach(schema -> all.put(schema.id(), new Lsn(-1)));
      all.putAll(retention);
      return super.pruneTableSchemas(all);
    }
  }

  private static final class CleanupLeavesSchemas extends ReferenceStore {
    CleanupLeavesSchemas(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      write(
          layer -> {
            layer.phases.remove(id);
            layer.mappings.remove(id);
          });
    }
  }

  private static final class CleanupLeavesHistory extends ReferenceStore {
    private final Map<TableId, List<TableReplicationPhase>> graveyard = new HashMap<>();

    CleanupLeavesHistory(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      synchronized (persistent) {
        graveyard.put(id, new ArrayList<>(memory.phases.getOrDefault(id, List.of())));
        super.cleanupTableState(id);
      }
    }

    @Override
    public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
      List<TableReplicationPhase> old = graveyard.remove(id);
      if (old != null) {
        write(layer -> layer.phases.put(id, new ArrayList<>(old)));
      }
      super.updateTableReplicationState(id, phase);
    }
  }

  private static final class CleanupTakesProgress extends ReferenceStore {
    CleanupTakesProgress(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      super.cleanupTableState(id);
      write(layer -> layer.progress.clear());
    }
  }

  private static final class CleanupWantsTable extends ReferenceStore {
    CleanupWantsTable(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      if (getTableReplicationState(id).isEmpty()) {
        throw new EtlException(ErrorKind.CONFIGURATION, "clean up: unknown table");
      }
      super.cleanupTableState(id);
    }
  }

  private static final class CleanupInMemoryOnly extends ReferenceStore {
    CleanupInMemoryOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      synchronized (persistent) {
        memory.cleanup(id);
      }
    }
  }

  private static final class CleanupBreaksOff extends ReferenceStore {
    CleanupBreaksOff(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void cleanupTableState(TableId id) {
      synchronized (persistent) {
        persistent.phases.remove(id);
        memory.phases.remove(id);
        write(layer -> layer.cleanup(id));
      }
    }
  }
}
