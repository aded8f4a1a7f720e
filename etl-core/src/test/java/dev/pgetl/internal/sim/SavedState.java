package dev.pgetl.internal.sim;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a store holds: in its persistent layer, or in memory. */
final class SavedState {
  final Map<TableId, List<TableReplicationPhase>> phases = new TreeMap<>();
  final Map<TableId, NavigableMap<Lsn, TableSchema>> schemas = new TreeMap<>();
  final Map<TableId, String> mappings = new TreeMap<>();
  final Map<String, ReplicationProgress> progress = new TreeMap<>();
  final Map<TableId, String> ranges = new TreeMap<>();

  void takePhases(SavedState other) {
    phases.clear();
    other.phases.forEach((id, history) -> phases.put(id, new ArrayList<>(history)));
  }

  void takeSchemas(SavedState other) {
    schemas.clear();
    other.schemas.forEach((id, versions) -> schemas.put(id, new TreeMap<>(versions)));
  }

  void takeMappings(SavedState other) {
    mappings.clear();
    mappings.putAll(other.mappings);
  }

  void takeProgress(SavedState other) {
    progress.clear();
    progress.putAll(other.progress);
  }

  void takeRanges(SavedState other) {
    ranges.clear();
    ranges.putAll(other.ranges);
  }

  @Nullable TableReplicationPhase phase(TableId id) {
    List<TableReplicationPhase> history = phases.getOrDefault(id, List.of());
    return history.isEmpty() ? null : history.get(history.size() - 1);
  }

  void phase(TableId id, TableReplicationPhase phase) {
    List<TableReplicationPhase> history = phases.computeIfAbsent(id, key -> new ArrayList<>());
    if (history.isEmpty() || !history.get(history.size() - 1).equals(phase)) {
      history.add(phase);
    }
  }

  void rollback(TableId id) {
    List<TableReplicationPhase> history = phases.getOrDefault(id, List.of());
    if (history.size() > 1) {
      history.remove(history.size() - 1);
    }
  }

  void schema(TableSchema version) {
    schemas
        .computeIfAbsent(version.id(), id -> new TreeMap<>())
        .put(version.snapshotLsn(), version);
  }

  void progress(ReplicationProgress position) {
    ReplicationProgress before = progress.get(position.slotName());
    boolean backward =
        before != null
            && before.lineage().equals(position.lineage())
            && position.flushedLsn().isBefore(before.flushedLsn());
    if (!backward) {
      progress.put(position.slotName(), position);
    }
  }

  void prune(Map<TableId, Lsn> retention) {
    for (Map.Entry<TableId, Lsn> needed : retention.entrySet()) {
      NavigableMap<Lsn, TableSchema> versions = schemas.get(needed.getKey());
      Lsn kept = versions == null ? null : versions.floorKey(needed.getValue());
      if (versions != null && kept != null) {
        versions.headMap(kept, false).clear();
      }
    }
  }

  void cleanup(TableId id) {
    phases.remove(id);
    schemas.remove(id);
    mappings.remove(id);
    ranges.remove(id);
  }
}
