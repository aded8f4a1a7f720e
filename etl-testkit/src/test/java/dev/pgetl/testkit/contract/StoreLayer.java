package dev.pgetl.testkit.contract;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** One of the two layers of {@link ReferenceStore}. Guarded by the persistent layer of the two. */
final class StoreLayer {
  Map<TableId, List<TableReplicationPhase>> phases = new HashMap<>();
  Map<TableId, String> mappings = new HashMap<>();
  Map<String, ReplicationProgress> progress = new HashMap<>();
  Map<TableId, TreeMap<Lsn, TableSchema>> schemas = new HashMap<>();
  Map<TableId, String> copies = new HashMap<>();
  boolean broken;
  boolean lost;
  String owner = "";
  long epoch;
  long leaseUntil;
  boolean inUse;

  void requireWorking() {
    if (broken) {
      throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "the layer is broken");
    }
  }

  void loadPhases(StoreLayer from) {
    phases = new HashMap<>();
    from.phases.forEach((id, history) -> phases.put(id, new ArrayList<>(history)));
  }

  void loadSchemas(StoreLayer from) {
    schemas = new HashMap<>();
    from.schemas.forEach((id, versions) -> schemas.put(id, new TreeMap<>(versions)));
  }

  void addPhase(TableId id, TableReplicationPhase phase) {
    List<TableReplicationPhase> history = phases.computeIfAbsent(id, key -> new ArrayList<>());
    if (history.isEmpty() || !history.get(history.size() - 1).equals(phase)) {
      history.add(phase);
    }
  }

  void removeLastPhase(TableId id) {
    List<TableReplicationPhase> history = Objects.requireNonNull(phases.get(id));
    history.remove(history.size() - 1);
  }

  void moveProgress(ReplicationProgress next) {
    ReplicationProgress current = progress.get(next.slotName());
    if (current == null
        || !current.lineage().equals(next.lineage())
        || next.flushedLsn().isAfter(current.flushedLsn())) {
      progress.put(next.slotName(), next);
    }
  }

  void addSchema(TableSchema schema) {
    schemas.computeIfAbsent(schema.id(), key -> new TreeMap<>()).put(schema.snapshotLsn(), schema);
  }

  int prune(Map<TableId, Lsn> retention) {
    int removed = 0;
    for (Map.Entry<TableId, Lsn> entry : retention.entrySet()) {
      TreeMap<Lsn, TableSchema> versions = schemas.getOrDefault(entry.getKey(), new TreeMap<>());
      Lsn needed = versions.floorKey(entry.getValue());
      if (needed != null) {
        Map<Lsn, TableSchema> old = versions.headMap(needed, false);
        removed += old.size();
        old.clear();
      }
    }
    return removed;
  }

  void cleanup(TableId id) {
    phases.remove(id);
    mappings.remove(id);
    schemas.remove(id);
    copies.remove(id);
  }
}
