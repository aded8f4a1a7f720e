package dev.pgetl.internal.runtime.worker;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The store of a pipeline that only copies: it keeps nothing, because nothing of such a pipeline is
 * continued. Immutable.
 */
public final class NoStore implements PipelineStore {
  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    return Optional.empty();
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    return Map.of();
  }

  @Override
  public int loadTableReplicationStates() {
    return 0;
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {}

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    throw new UnsupportedOperationException("no phase of table " + id + " is kept");
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
  public void storeTableMapping(TableId source, String destinationTable) {}

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    return Optional.empty();
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress progress) {}

  @Override
  public int loadReplicationProgress() {
    return 0;
  }

  @Override
  public void deleteReplicationProgress(String slotName) {}

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
