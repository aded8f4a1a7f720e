package dev.pgetl.internal.decode;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import org.jspecify.annotations.Nullable;

/** Delivers every table as the stream describes it, for streams that no server sends. Stateless. */
public final class AnyTable implements StreamTables {
  @Override
  public void begin(Transaction transaction) {}

  @Override
  public long generation(TableId table, Lsn commitLsn) {
    return 1;
  }

  @Override
  public boolean acceptsMessage(String prefix) {
    return false;
  }

  @Override
  public @Nullable TableSchema versionBefore(TableId table, Lsn commitLsn) {
    return null;
  }

  @Override
  public EtlException binaryNotRead(TableSchema version) {
    return new EtlException(ErrorKind.INTERNAL, "the stream is text");
  }

  @Override
  public TableSchema complete(TableSchema wire, @Nullable TableSchema before) {
    return wire;
  }

  @Override
  public void introduce(TableSchema version) {}

  @Override
  public void incomplete(TableSchema version, int column) {}
}
