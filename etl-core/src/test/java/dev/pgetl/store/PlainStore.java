package dev.pgetl.store;

import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Keeps the newest of everything in memory, and fails on request. Thread-safe. */
public final class PlainStore implements PipelineStore {
  private final ConcurrentMap<TableId, TableReplicationPhase> phases = new ConcurrentHashMap<>();
  private final ConcurrentMap<TableId, TableSchema> schemas = new ConcurrentHashMap<>();
  private final ConcurrentMap<TableId, String> mappings = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, ReplicationProgress> progress = new ConcurrentHashMap<>();
  private final ConcurrentMap<TableId, String> copies = new ConcurrentHashMap<>();
  private volatile @Nullable EtlException failure;
  private volatile Runnable beforeSchemas = () -> {};

  /** From now on every write fails; null for none. */
  public void fail(@Nullable EtlException newFailure) {
    failure = newFailure;
  }

  /** From now on this is run whenever a version of a table is asked for. */
  public void beforeSchemas(Runnable action) {
    beforeSchemas = action;
  }

  private void requireHealth() {
    EtlException present = failure;
    if (present != null) {
      throw present;
    }
  }

  @Override
  public int loadTableReplicationStates() {
    return phases.size();
  }

  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    return Optional.ofNullable(phases.get(id));
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    return Map.copyOf(phases);
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
    requireHealth();
    phases.put(id, phase);
  }

  @Override
  public boolean keepsPauses() {
    return true;
  }

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int loadTableMappings() {
    return mappings.size();
  }

  @Override
  public Optional<String> getTableMapping(TableId source) {
    return Optional.ofNullable(mappings.get(source));
  }

  @Override
  public Map<TableId, String> getTableMappings() {
    return Map.copyOf(mappings);
  }

  @Override
  public void storeTableMapping(TableId source, String destinationTable) {
    requireHealth();
    mappings.put(source, destinationTable);
  }

  @Override
  public int loadReplicationProgress() {
    return progress.size();
  }

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    return Optional.ofNullable(progress.get(slotName));
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress position) {
    requireHealth();
    progress.put(position.slotName(), position);
  }

  @Override
  public void deleteReplicationProgress(String slotName) {
    requireHealth();
    progress.remove(slotName);
  }

  @Override
  public int loadTableSchemas() {
    return schemas.size();
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    beforeSchemas.run();
    return Optional.ofNullable(schemas.get(id));
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    return getTableSchema(id).filter(schema -> !schema.snapshotLsn().isAfter(at));
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    return List.copyOf(schemas.values());
  }

  @Override
  public void storeTableSchema(TableSchema schema) {
    requireHealth();
    schemas.put(schema.id(), schema);
  }

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    return 0;
  }

  @Override
  public Optional<String> getCopyRanges(TableId id) {
    return Optional.ofNullable(copies.get(id));
  }

  @Override
  public int loadCopyRanges() {
    return copies.size();
  }

  @Override
  public void storeCopyRanges(TableId id, String ranges) {
    requireHealth();
    copies.put(id, ranges);
  }

  @Override
  public void deleteCopyRanges(TableId id) {
    requireHealth();
    copies.remove(id);
  }

  @Override
  public void cleanupTableState(TableId id) {
    requireHealth();
    phases.remove(id);
    schemas.remove(id);
    mappings.remove(id);
    copies.remove(id);
  }
}
