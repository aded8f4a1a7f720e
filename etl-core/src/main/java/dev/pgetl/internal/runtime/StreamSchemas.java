package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.SchemaStore;
import dev.pgetl.wal.Lsn;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a decoder's questions from the store, the catalogue and the stream's gate. Owned by the
 * reader's thread.
 */
final class StreamSchemas implements StreamTables {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSchemas.class);

  /** Which changes a stream carries. */
  interface Gate {
    /** A transaction begins. */
    default void begin(Lsn commitLsn) {}

    /** {@return whether the stream carries a table's changes of a transaction} */
    boolean accepts(TableId table, Lsn commitLsn);
  }

  private final SchemaStore store;
  private final Catalog catalog;
  private final Gate gate;
  private final Set<String> messagePrefixes;
  private final StreamFormat format;

  StreamSchemas(Services services, Gate gate, Set<String> messagePrefixes) {
    this.store = services.store();
    this.catalog = services.source().catalog();
    this.format = services.format();
    this.gate = gate;
    this.messagePrefixes = messagePrefixes;
  }

  @Override
  public void begin(Lsn commitLsn) {
    gate.begin(commitLsn);
  }

  @Override
  public boolean accepts(TableId table, Lsn commitLsn) {
    return gate.accepts(table, commitLsn);
  }

  @Override
  public boolean acceptsMessage(String prefix) {
    return messagePrefixes.contains(prefix);
  }

  @Override
  public PgType type(long oid) {
    return catalog.type(oid);
  }

  @Override
  public @Nullable TableSchema versionBefore(TableId table, Lsn commitLsn) {
    return store.getTableSchema(table, commitLsn).orElse(null);
  }

  @Override
  public EtlException binaryNotRead(TableSchema version) {
    return format.notRead(version);
  }

  @Override
  public TableSchema introduce(TableSchema version) {
    TableSchema hinted = catalog.withHints(version);
    store.storeTableSchema(hinted);
    LOG.info(
        "table {} has a new schema version from {} on: {} columns",
        hinted.name(),
        hinted.snapshotLsn(),
        hinted.columnCount());
    return hinted;
  }
}
