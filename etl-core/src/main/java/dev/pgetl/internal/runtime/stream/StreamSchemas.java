package dev.pgetl.internal.runtime.stream;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.runtime.worker.Aside;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.SchemaStore;
import dev.pgetl.wal.Lsn;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the questions of a stream's decoder. Calls of the store and the catalogue, which may take
 * long, are made aside, so that the reader keeps reporting to the server. Owned by the reader's
 * thread.
 */
public final class StreamSchemas implements StreamTables {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSchemas.class);
  private final SchemaStore store;
  private final Catalog catalog;
  private final StreamFormat format;
  private final Aside aside;
  private final BooleanSupplier meanwhile;
  private final Set<String> messagePrefixes;
  private final Consumer<Lsn> begin;
  private final ToLongBiFunction<TableId, Lsn> generation;

  /**
   * Creates the answers for one session.
   *
   * @param aside makes calls that may take long
   * @param meanwhile what the reader does ten times a second while it waits for an answer; false to
   *     wait no longer
   * @param messagePrefixes which logical messages the stream delivers
   * @param begin receives the commit position of each transaction that begins
   * @param generation which changes the stream delivers
   */
  public StreamSchemas(
      SchemaStore store,
      Catalog catalog,
      StreamFormat format,
      Aside aside,
      BooleanSupplier meanwhile,
      Set<String> messagePrefixes,
      Consumer<Lsn> begin,
      ToLongBiFunction<TableId, Lsn> generation) {
    this.store = store;
    this.catalog = catalog;
    this.format = format;
    this.aside = aside;
    this.meanwhile = meanwhile;
    this.messagePrefixes = messagePrefixes;
    this.begin = begin;
    this.generation = generation;
  }

  @Override
  public void begin(Lsn commitLsn) {
    begin.accept(commitLsn);
  }

  @Override
  public long generation(TableId table, Lsn commitLsn) {
    return generation.applyAsLong(table, commitLsn);
  }

  @Override
  public boolean acceptsMessage(String prefix) {
    return messagePrefixes.contains(prefix);
  }

  @Override
  public PgType type(long oid) {
    return catalog
        .knownType(oid)
        .orElseGet(() -> aside.call("look up type " + oid, () -> catalog.type(oid), meanwhile));
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
    TableSchema hinted =
        aside.call(
            "store the new version of table " + version.name(),
            () -> {
              TableSchema.Builder completed = catalog.withHints(version).toBuilder();
              store
                  .getTableSchema(version.id())
                  .ifPresent(
                      before ->
                          completed
                              .scope(before.scope().orElse(null))
                              .difference(before.difference().orElse(null)));
              TableSchema stored = completed.build();
              store.storeTableSchema(stored);
              return stored;
            },
            meanwhile);
    LOG.info(
        "table {} has a new schema version from {} on: {} columns",
        hinted.name(),
        hinted.snapshotLsn(),
        hinted.columnCount());
    return hinted;
  }
}
