package dev.pgetl.internal.copy;

import dev.pgetl.internal.capture.PublishedTable;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;

/**
 * The copy of one table under the snapshot of its own slot. Not thread-safe; workers run on threads
 * of the caller.
 */
public final class TableCopy implements AutoCloseable {
  private TableCopy() {}

  public static TableCopy begin(
      SourceDatabase source,
      PublishedTable table,
      String slotName,
      int maxConnections,
      boolean copyRows) {
    throw new UnsupportedOperationException();
  }

  public Lsn consistentPoint() {
    throw new UnsupportedOperationException();
  }

  public TableSchema schema() {
    throw new UnsupportedOperationException();
  }

  public long estimatedRows() {
    throw new UnsupportedOperationException();
  }

  public List<CopyWorker> workers() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  public void abort() {
    throw new UnsupportedOperationException();
  }
}
