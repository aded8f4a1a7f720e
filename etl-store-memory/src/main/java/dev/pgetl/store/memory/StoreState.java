package dev.pgetl.store.memory;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseRolledBack;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.ProgressDeleted;
import dev.pgetl.store.memory.StoreChange.ProgressStored;
import dev.pgetl.store.memory.StoreChange.SchemaStored;
import dev.pgetl.store.memory.StoreChange.SchemasPruned;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sum of changes: the content of a store, in memory. Readers see complete changes only; changes
 * about the same table or slot must not be applied at the same time.
 */
final class StoreState {
  private static final NavigableMap<Lsn, TableSchema> NO_VERSIONS =
      Collections.unmodifiableNavigableMap(new TreeMap<>());

  private volatile Map<TableId, List<TableReplicationPhase>> phases = new ConcurrentHashMap<>();
  private volatile Map<TableId, NavigableMap<Lsn, TableSchema>> schemas = new ConcurrentHashMap<>();
  private volatile Map<TableId, String> mappings = new ConcurrentHashMap<>();
  private volatile Map<String, ReplicationProgress> progress = new ConcurrentHashMap<>();
  private volatile Map<TableId, String> copies = new ConcurrentHashMap<>();

  void apply(StoreChange change) {
    if (change instanceof PhaseStored stored) {
      phases.merge(stored.table(), List.of(stored.phase()), StoreState::joined);
    } else if (change instanceof PhaseRolledBack rolledBack) {
      phases.computeIfPresent(rolledBack.table(), (id, history) -> withoutLast(history));
    } else if (change instanceof SchemaStored stored) {
      TableSchema schema = stored.schema();
      schemas.compute(schema.id(), (id, versions) -> with(schema, versions));
    } else if (change instanceof SchemasPruned pruned) {
      pruned.retention().forEach(this::prune);
    } else if (change instanceof MappingStored stored) {
      mappings.put(stored.table(), stored.destinationTable());
    } else if (change instanceof ProgressStored stored) {
      progress.put(stored.progress().slotName(), stored.progress());
    } else if (change instanceof ProgressDeleted deleted) {
      progress.remove(deleted.slotName());
    } else if (change instanceof CopyRangesStored stored) {
      copies.put(stored.table(), stored.ranges());
    } else if (change instanceof CopyRangesDeleted deleted) {
      copies.remove(deleted.table());
    } else if (change instanceof TableForgotten forgotten) {
      phases.remove(forgotten.table());
      schemas.remove(forgotten.table());
      mappings.remove(forgotten.table());
      copies.remove(forgotten.table());
    } else {
      throw new IllegalStateException("unknown change " + change.getClass().getSimpleName());
    }
  }

  private static List<TableReplicationPhase> joined(
      List<TableReplicationPhase> history, List<TableReplicationPhase> next) {
    int forgotten = Math.max(0, history.size() + next.size() - PersistentLayer.PHASE_HISTORY);
    List<TableReplicationPhase> joined =
        new ArrayList<>(history.subList(forgotten, history.size()));
    joined.addAll(next);
    return Collections.unmodifiableList(joined);
  }

  private static @Nullable List<TableReplicationPhase> withoutLast(
      List<TableReplicationPhase> history) {
    return history.size() < 2 ? null : List.copyOf(history.subList(0, history.size() - 1));
  }

  private static NavigableMap<Lsn, TableSchema> with(
      TableSchema schema, @Nullable NavigableMap<Lsn, TableSchema> versions) {
    NavigableMap<Lsn, TableSchema> more =
        versions == null ? new TreeMap<>() : new TreeMap<>(versions);
    more.put(schema.snapshotLsn(), schema);
    return Collections.unmodifiableNavigableMap(more);
  }

  private void prune(TableId table, Lsn needed) {
    schemas.computeIfPresent(
        table,
        (id, versions) -> {
          Lsn oldest = versions.floorKey(needed);
          return oldest == null
              ? versions
              : Collections.unmodifiableNavigableMap(new TreeMap<>(versions.tailMap(oldest, true)));
        });
  }

  /** How many versions {@link SchemasPruned} would remove. */
  int prunable(Map<TableId, Lsn> retention) {
    int count = 0;
    for (Map.Entry<TableId, Lsn> entry : retention.entrySet()) {
      NavigableMap<Lsn, TableSchema> versions = versions(entry.getKey());
      Lsn oldest = versions.floorKey(entry.getValue());
      count += oldest == null ? 0 : versions.headMap(oldest, false).size();
    }
    return count;
  }

  /** The state as the shortest sequence of changes. */
  Stream<StoreChange> changes() {
    return Stream.of(
            phases.entrySet().stream()
                .flatMap(
                    entry ->
                        entry.getValue().stream()
                            .map(phase -> new PhaseStored(entry.getKey(), phase))),
            schemas.values().stream()
                .flatMap(versions -> versions.values().stream())
                .map(SchemaStored::new),
            mappings.entrySet().stream()
                .map(entry -> new MappingStored(entry.getKey(), entry.getValue())),
            progress.values().stream().map(ProgressStored::new),
            copies.entrySet().stream()
                .map(entry -> new CopyRangesStored(entry.getKey(), entry.getValue())))
        .flatMap(changes -> changes);
  }

  /** Takes one section over from another state, which must not be used any more. */
  void replace(StoreSection section, StoreState other) {
    switch (section) {
      case PHASES -> phases = other.phases;
      case SCHEMAS -> schemas = other.schemas;
      case MAPPINGS -> mappings = other.mappings;
      case PROGRESS -> progress = other.progress;
      case COPIES -> copies = other.copies;
      default -> throw new IllegalStateException("unknown section " + section);
    }
  }

  /** How many tables, versions, mappings, slots or copies a section holds. */
  int size(StoreSection section) {
    return switch (section) {
      case PHASES -> phases.size();
      case SCHEMAS -> schemas.values().stream().mapToInt(Map::size).sum();
      case MAPPINGS -> mappings.size();
      case PROGRESS -> progress.size();
      case COPIES -> copies.size();
    };
  }

  /** The phases a table had, the newest last; empty if it is not known. */
  List<TableReplicationPhase> history(TableId table) {
    return phases.getOrDefault(table, List.of());
  }

  Map<TableId, List<TableReplicationPhase>> histories() {
    return phases;
  }

  /** A table's schema versions; empty if it is not known. */
  NavigableMap<Lsn, TableSchema> versions(TableId table) {
    return schemas.getOrDefault(table, NO_VERSIONS);
  }

  Map<TableId, NavigableMap<Lsn, TableSchema>> versions() {
    return schemas;
  }

  Map<TableId, String> mappings() {
    return mappings;
  }

  Map<String, ReplicationProgress> progress() {
    return progress;
  }

  /** The ranges of the copies of tables, as text. */
  Map<TableId, String> copies() {
    return copies;
  }
}
