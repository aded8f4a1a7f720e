package dev.pgetl.store.memory;

import static dev.pgetl.store.memory.StoreSection.COPIES;
import static dev.pgetl.store.memory.StoreSection.MAPPINGS;
import static dev.pgetl.store.memory.StoreSection.PHASES;
import static dev.pgetl.store.memory.StoreSection.PROGRESS;
import static dev.pgetl.store.memory.StoreSection.SCHEMAS;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.PipelineStore;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dual-layer store: a cache that serves every read, over a {@link PersistentLayer} that is
 * written first.
 *
 * <p>A write that would change nothing (the phase a table already has, a position that is not
 * newer, a table that is not known) does not reach the layer. After a failed write the store reads
 * the state again before the next write, because the layer may have kept it; so does the first
 * write of a store that was not loaded.
 *
 * <p>Every operation is logged at DEBUG. <b>For subclasses:</b> {@link #beforeWrite} sees every
 * write before it happens and may veto it, {@link #afterWrite} sees it when it is durable and
 * visible; reads are watched by overriding them.
 *
 * <p><b>Threads.</b> Safe for concurrent use. Reads never wait. Writes about the same table or slot
 * happen one after the other; others reach the layer at the same time.
 */
public class MemoryStore implements PipelineStore, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryStore.class);

  private final PersistentLayer layer;
  private final StoreState cache;
  private final CachedLayer both;

  /** Creates a store over an {@link InMemoryLayer}: nothing survives the process. */
  public MemoryStore() {
    this(new InMemoryLayer());
  }

  /**
   * Creates a store over a layer; nothing is read yet.
   *
   * @param layer where the state is kept; used by this store only, and closed with it
   */
  public MemoryStore(PersistentLayer layer) {
    this.layer = Objects.requireNonNull(layer, "layer");
    this.cache = new StoreState();
    this.both = new CachedLayer(layer, cache);
  }

  /**
   * Called before a write, even one that changes nothing. The default does nothing.
   *
   * <p>An exception vetoes the write: it goes to the caller, and neither layer nor cache changes.
   * No lock is held; calls come from several threads at once.
   *
   * @param change what is about to happen
   */
  protected void beforeWrite(StoreChange change) {}

  /**
   * Called after a write that changed something, when it is durable and visible. The default does
   * nothing.
   *
   * <p>An exception is passed to the caller, but the write is kept. No lock is held; calls come
   * from several threads at once, and those about one table not necessarily in the order of the
   * writes.
   *
   * @param change what happened
   */
  protected void afterWrite(StoreChange change) {}

  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    List<TableReplicationPhase> history = cache.history(id);
    Optional<TableReplicationPhase> phase =
        history.isEmpty() ? Optional.empty() : Optional.of(newest(history));
    LOG.debug("phase of table {}: {}", id, phase);
    return phase;
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    Map<TableId, TableReplicationPhase> phases =
        cache.histories().entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> newest(entry.getValue())));
    LOG.debug("phases of {} tables", phases.size());
    return phases;
  }

  @Override
  public int loadTableReplicationStates() {
    return both.load(PHASES);
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
    write(new PhaseStored(id, phase), id, Set.of(PHASES), () -> isNew(new PhaseStored(id, phase)));
  }

  /** Reaches the layer in one call of {@link PersistentLayer#writeAll}. */
  @Override
  public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
    List<PhaseStored> changes =
        phases.entrySet().stream()
            .map(entry -> new PhaseStored(entry.getKey(), entry.getValue()))
            .toList();
    changes.forEach(this::beforeWrite);
    Set<PhaseStored> written =
        Set.copyOf(
            both.writeAlone(Set.of(PHASES), () -> changes.stream().filter(this::isNew).toList()));
    changes.forEach(change -> finish(change, written.contains(change)));
  }

  @Override
  public boolean keepsPauses() {
    return true;
  }

  private boolean isNew(PhaseStored change) {
    List<TableReplicationPhase> history = cache.history(change.table());
    return history.isEmpty() || !newest(history).equals(change.phase());
  }

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    TableReplicationPhase[] previous = new TableReplicationPhase[1];
    write(
        new PhaseRolledBack(id),
        id,
        Set.of(PHASES),
        () -> {
          previous[0] = phaseBefore(id);
          return true;
        });
    return previous[0];
  }

  private TableReplicationPhase phaseBefore(TableId id) {
    List<TableReplicationPhase> history = cache.history(id);
    if (history.size() < 2) {
      throw new EtlException(
          ErrorKind.CONFIGURATION,
          "roll table " + id + " back: it has no phase before the current one");
    }
    return history.get(history.size() - 2);
  }

  private static TableReplicationPhase newest(List<TableReplicationPhase> history) {
    return history.get(history.size() - 1);
  }

  @Override
  public Optional<String> getTableMapping(TableId source) {
    Optional<String> mapping = Optional.ofNullable(cache.mappings().get(source));
    LOG.debug("mapping of table {}: {}", source, mapping);
    return mapping;
  }

  @Override
  public Map<TableId, String> getTableMappings() {
    Map<TableId, String> mappings = Map.copyOf(cache.mappings());
    LOG.debug("{} mappings", mappings.size());
    return mappings;
  }

  @Override
  public int loadTableMappings() {
    return both.load(MAPPINGS);
  }

  @Override
  public void storeTableMapping(TableId source, String destinationTable) {
    write(
        new MappingStored(source, destinationTable),
        source,
        Set.of(MAPPINGS),
        () -> !destinationTable.equals(cache.mappings().get(source)));
  }

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    Optional<ReplicationProgress> progress = Optional.ofNullable(cache.progress().get(slotName));
    LOG.debug("progress of slot {}: {}", slotName, progress);
    return progress;
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress progress) {
    write(
        new ProgressStored(progress),
        progress.slotName(),
        Set.of(PROGRESS),
        () -> {
          ReplicationProgress known = cache.progress().get(progress.slotName());
          return known == null
              || !known.lineage().equals(progress.lineage())
              || progress.flushedLsn().isAfter(known.flushedLsn());
        });
  }

  @Override
  public int loadReplicationProgress() {
    return both.load(PROGRESS);
  }

  @Override
  public void deleteReplicationProgress(String slotName) {
    write(
        new ProgressDeleted(slotName),
        slotName,
        Set.of(PROGRESS),
        () -> cache.progress().containsKey(slotName));
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    return schemaOf(id, cache.versions(id).lastEntry());
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    return schemaOf(id, cache.versions(id).floorEntry(at));
  }

  private static Optional<TableSchema> schemaOf(
      TableId id, Map.@Nullable Entry<Lsn, TableSchema> version) {
    Optional<TableSchema> schema = Optional.ofNullable(version).map(Map.Entry::getValue);
    LOG.debug("schema of table {}: {}", id, schema);
    return schema;
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    List<TableSchema> schemas =
        cache.versions().values().stream()
            .map(versions -> versions.lastEntry().getValue())
            .toList();
    LOG.debug("schemas of {} tables", schemas.size());
    return schemas;
  }

  @Override
  public int loadTableSchemas() {
    return both.load(SCHEMAS);
  }

  @Override
  public void storeTableSchema(TableSchema schema) {
    write(
        new SchemaStored(schema),
        schema.id(),
        Set.of(SCHEMAS),
        () -> !schema.equals(cache.versions(schema.id()).get(schema.snapshotLsn())));
  }

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    SchemasPruned change = new SchemasPruned(retention);
    int[] removed = new int[1];
    beforeWrite(change);
    List<SchemasPruned> written =
        both.writeAlone(
            Set.of(SCHEMAS),
            () -> {
              removed[0] = cache.prunable(change.retention());
              return removed[0] > 0 ? List.of(change) : List.of();
            });
    finish(change, !written.isEmpty());
    return removed[0];
  }

  @Override
  public Optional<String> getCopyRanges(TableId id) {
    Optional<String> ranges = Optional.ofNullable(cache.copies().get(id));
    LOG.debug("copy ranges of table {}: {}", id, ranges.isPresent() ? "known" : "none");
    return ranges;
  }

  @Override
  public int loadCopyRanges() {
    return both.load(COPIES);
  }

  @Override
  public void storeCopyRanges(TableId id, String ranges) {
    write(
        new CopyRangesStored(id, ranges),
        id,
        Set.of(COPIES),
        () -> !ranges.equals(cache.copies().get(id)));
  }

  @Override
  public void deleteCopyRanges(TableId id) {
    write(new CopyRangesDeleted(id), id, Set.of(COPIES), () -> cache.copies().containsKey(id));
  }

  @Override
  public void cleanupTableState(TableId id) {
    write(
        new TableForgotten(id),
        id,
        Set.of(PHASES, SCHEMAS, MAPPINGS, COPIES),
        () ->
            cache.histories().containsKey(id)
                || cache.versions().containsKey(id)
                || cache.mappings().containsKey(id)
                || cache.copies().containsKey(id));
  }

  @Override
  public void proveOwnership() {
    layer.proveOwnership();
  }

  @Override
  public List<Finding> diagnose() {
    return layer.diagnose();
  }

  @Override
  public Optional<LeaseStore> leases() {
    return layer.leases();
  }

  /** Closes the layer; idempotent. Reads continue to work. */
  @Override
  public void close() {
    layer.close();
  }

  private void write(
      StoreChange change, Object key, Set<StoreSection> sections, BooleanSupplier needed) {
    beforeWrite(change);
    finish(change, both.write(change, key, sections, needed));
  }

  private void finish(StoreChange change, boolean written) {
    if (written) {
      LOG.debug("stored: {}", change);
      afterWrite(change);
    } else {
      LOG.debug("already so: {}", change);
    }
  }
}
