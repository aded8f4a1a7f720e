package dev.pgetl.internal.capture;

import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;

/** Catalogue look-ups for what the stream does not say. Caches types by OID. Thread-safe. */
public final class TableCatalog {
  TableCatalog() {}

  public PgType type(long oid) {
    throw new UnsupportedOperationException();
  }

  public TableSchema withHints(TableSchema fromStream) {
    throw new UnsupportedOperationException();
  }
}
