package dev.pgetl.internal.copy;

import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;

/** A copy whose connections all see the snapshot of the table's slot. */
final class SnapshotCopy implements TableCopy {
  private final SlotSnapshot snapshot;
  private final TableSchema schema;
  private final long estimatedRows;
  private final List<TableCopy.Worker> workers;

  SnapshotCopy(
      SlotSnapshot snapshot,
      TableSchema schema,
      long estimatedRows,
      List<TableCopy.Worker> workers) {
    this.snapshot = snapshot;
    this.schema = schema;
    this.estimatedRows = estimatedRows;
    this.workers = List.copyOf(workers);
  }

  @Override
  public SourceFacts facts() {
    return snapshot.facts();
  }

  @Override
  public Lsn consistentPoint() {
    return snapshot.consistentPoint();
  }

  @Override
  public TableSchema schema() {
    return schema;
  }

  @Override
  public long estimatedRows() {
    return estimatedRows;
  }

  @Override
  public List<TableCopy.Worker> workers() {
    return workers;
  }

  @Override
  public void close() {
    snapshot.close();
  }

  @Override
  public void abort() {
    snapshot.abort();
  }
}
