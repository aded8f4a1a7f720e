package dev.pgetl.internal.runtime.stream;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.facts.LookAhead;
import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.runtime.worker.Aside;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.SchemaStore;
import dev.pgetl.wal.Lsn;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
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

  /** The worker whose stream it is. Asked by the reader's thread. */
  public interface Owner {
    /** A transaction begins. */
    void begin(Lsn commitLsn);

    /** {@return whether the stream delivers what a transaction did, see {@link StreamTables}} */
    long generation(TableId table, Lsn commitLsn);

    /**
     * The stream names a table.
     *
     * @param before the version that the destination has, before what this transaction brings
     */
    default void known(TableSchema before) {}

    /** Rows of a table that were delivered before may differ from the source. */
    void differs(TableId table, String reason);

    /**
     * {@return why rows that were delivered before differ from what the destination's transforms
     * make of a new version}
     *
     * @param before the version before
     */
    default Optional<String> transformed(TableSchema before, TableSchema version) {
      return Optional.empty();
    }

    /** {@return tables that the stream may name next, if there are several} */
    default List<TableId> tables() {
      return List.of();
    }
  }

  private final SchemaStore store;
  private final Catalog catalog;
  private final StreamFormat format;
  private final Aside aside;
  private final BooleanSupplier meanwhile;
  private final Set<String> messagePrefixes;
  private final Owner owner;
  private final LookAhead lookAhead;
  private final Rechecks rechecks = new Rechecks();
  private final Set<TableSchema> incomplete = Collections.newSetFromMap(new IdentityHashMap<>());
  private long xid;

  /**
   * Creates the answers for one session.
   *
   * @param aside makes calls that may take long
   * @param meanwhile what the reader does ten times a second while it waits for an answer; false to
   *     wait no longer
   * @param messagePrefixes which logical messages the stream delivers
   * @param owner whose stream it is
   */
  public StreamSchemas(
      SchemaStore store,
      Catalog catalog,
      StreamFormat format,
      Aside aside,
      BooleanSupplier meanwhile,
      Set<String> messagePrefixes,
      Owner owner) {
    this.store = store;
    this.catalog = catalog;
    this.format = format;
    this.aside = aside;
    this.meanwhile = meanwhile;
    this.messagePrefixes = messagePrefixes;
    this.owner = owner;
    this.lookAhead =
        new LookAhead(
            this::facts,
            () -> aside.pause("see what was committed", meanwhile),
            catalog::typeChanges,
            owner::tables);
  }

  @Override
  public void begin(Transaction transaction) {
    xid = transaction.xid();
    lookAhead.begin(xid);
    owner.begin(transaction.commitLsn());
  }

  @Override
  public long generation(TableId table, Lsn commitLsn) {
    long handOvers = owner.generation(table, commitLsn);
    return handOvers == NOT_OURS
        ? NOT_OURS
        : handOvers + catalog.typeChanges() + rechecks.count(table, xid);
  }

  @Override
  public boolean acceptsMessage(String prefix) {
    return messagePrefixes.contains(prefix);
  }

  @Override
  public @Nullable TableSchema versionBefore(TableId table, Lsn commitLsn) {
    return store.getTableSchema(table, commitLsn).orElse(null);
  }

  @Override
  public EtlException binaryNotRead(TableSchema version) {
    return format.notRead(version);
  }

  /** What a replay stored before counts, whatever the catalogue says by now. */
  @Override
  public TableSchema complete(TableSchema wire, @Nullable TableSchema before) {
    if (before != null) {
      owner.known(before);
    }
    Optional<TableSchema> stored =
        store
            .getTableSchema(wire.id(), wire.snapshotLsn())
            .filter(version -> version.snapshotLsn().equals(wire.snapshotLsn()))
            .filter(version -> version.sameOnTheWire(wire));
    if (stored.isPresent()) {
      rechecks.from(wire.id(), xid + 1);
      return stored.get();
    }
    TableFacts facts = lookAhead.facts(wire, xid);
    rechecks.from(wire.id(), facts.isAhead(xid) ? facts.newest() : Rechecks.NEVER);
    TableSchema completed = facts.complete(wire, before, xid);
    return before == null ? completed : withTransforms(before, completed);
  }

  /** What the server did to the rows there comes first. */
  private TableSchema withTransforms(TableSchema before, TableSchema version) {
    return version.difference().isPresent()
        ? version
        : owner
            .transformed(before, version)
            .map(reason -> version.toBuilder().difference(reason).build())
            .orElse(version);
  }

  private Map<TableId, TableFacts> facts(TableSchema wire, Collection<TableId> others) {
    return aside.call("look up table " + wire.name(), () -> catalog.facts(wire, others), meanwhile);
  }

  @Override
  public void introduce(TableSchema version) {
    boolean unused =
        aside.call(
            "store the new version of table " + version.name(),
            () -> {
              store.storeTableSchema(withScopeOf(store.getTableSchema(version.id()), version));
              return true;
            },
            meanwhile);
    version.difference().ifPresent(reason -> owner.differs(version.id(), reason));
    LOG.info(
        "table {} has a new schema version from {} on: {} columns",
        version.name(),
        version.snapshotLsn(),
        version.columnCount());
  }

  /** The newest version may have been stored again with what is published by now. */
  private static TableSchema withScopeOf(Optional<TableSchema> newest, TableSchema version) {
    return newest
        .map(
            stored ->
                version.toBuilder()
                    .scope(stored.scope().orElse(null))
                    .difference(version.difference().or(stored::difference).orElse(null))
                    .build())
        .orElse(version);
  }

  /** Once for each version, whose object all its rows share: those that follow are of its kind. */
  @Override
  public void incomplete(TableSchema version, int column) {
    if (!incomplete.add(version)) {
      return;
    }
    String reason =
        "an update moved a row into the row filter, and the large value of its column "
            + version.column(column).name()
            + " was not sent (REPLICA IDENTITY FULL sends it)";
    boolean isNew =
        aside.call(
            "remember that table " + version.name() + " lacks a value",
            () -> remembered(store.getTableSchema(version.id()), reason),
            meanwhile);
    if (isNew) {
      owner.differs(version.id(), reason);
    }
  }

  /** {@return whether no difference of a table was known} */
  private boolean remembered(Optional<TableSchema> newest, String reason) {
    boolean isNew = newest.flatMap(TableSchema::difference).isEmpty();
    if (isNew) {
      newest.ifPresent(
          schema -> store.storeTableSchema(schema.toBuilder().difference(reason).build()));
    }
    return isNew;
  }
}
