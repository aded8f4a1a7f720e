package dev.pgetl.internal.sim;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.SimProcess;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A store of one process: a cache over a persistent layer that outlives the process. */
final class SimStore implements PipelineStore {
  /** The persistent layer, which one process at a time may use. */
  static final class Layer {
    final SavedState saved = new SavedState();
    final Calls calls;

    /** Whether it keeps ranges of copies. */
    boolean keepsRanges;

    /** Whether it keeps pauses of tables. */
    boolean keepsPauses = true;

    /** Tables whose ranges may be others here than in memory: a write of them did not return. */
    final Set<TableId> doubtful = new TreeSet<>();

    private @Nullable SimProcess owner;

    Layer(Scheduler scheduler) {
      this.keepsRanges = scheduler.random().nextInt(12) > 0;
      this.calls = new Calls(scheduler, ErrorKind.STORE_UNAVAILABLE);
    }

    void take(SimProcess process) {
      if (owner != null && owner != process && owner.alive()) {
        throw new EtlException(ErrorKind.STORE_LOCKED, "another process uses the store");
      }
      owner = process;
    }
  }

  /** Hears what matters outside the store. */
  interface Watch {
    /** A write has arrived. */
    void written(String what);

    /** Nothing is known of a table any more. */
    void forgotten(TableId id);

    /**
     * What is known of a table's copy is about to be deleted.
     *
     * @param ranges as it was stored last
     */
    default void forgetting(TableId id, CopyRanges ranges) {}

    /** The engine wants to know whether the store is its own. */
    default void proving() {}
  }

  private final Layer layer;
  private final SimProcess process;
  private final Watch watch;
  private final SavedState cache = new SavedState();

  SimStore(Layer layer, SimProcess process, Watch watch) {
    this.layer = layer;
    this.process = process;
    this.watch = watch;
  }

  private void write(String what, Consumer<SavedState> change) {
    write(what, change, nothing -> {});
  }

  private void write(
      String what, Consumer<SavedState> change, Consumer<SavedState> halfOfTheChange) {
    layer.calls.make(
        what,
        half -> {
          layer.take(process);
          watch.written(what);
          (half ? halfOfTheChange : change).accept(layer.saved);
        });
    change.accept(cache);
  }

  @Override
  public void proveOwnership() {
    watch.proving();
  }

  private int load(String what, Consumer<SavedState> loading) {
    layer.calls.make(what, half -> layer.take(process));
    loading.accept(cache);
    return 0;
  }

  @Override
  public int loadTableReplicationStates() {
    return load("load phases", memory -> memory.takePhases(layer.saved));
  }

  @Override
  public int loadTableSchemas() {
    return load("load schemas", memory -> memory.takeSchemas(layer.saved));
  }

  @Override
  public int loadTableMappings() {
    return load("load mappings", memory -> memory.takeMappings(layer.saved));
  }

  @Override
  public int loadReplicationProgress() {
    return load("load progress", memory -> memory.takeProgress(layer.saved));
  }

  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    return Optional.ofNullable(getTableReplicationStates().get(id));
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    Map<TableId, TableReplicationPhase> now = new TreeMap<>();
    cache.phases.forEach((id, history) -> now.put(id, history.get(history.size() - 1)));
    return now;
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
    if (!phase.isStored()) {
      throw new IllegalArgumentException("not stored: " + phase);
    }
    write("store phase " + phase.name(), state -> state.phase(id, phase));
  }

  @Override
  public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
    List<TableId> half = phases.keySet().stream().limit(phases.size() / 2).toList();
    write(
        "store phase " + phases.values().iterator().next().name(),
        state -> phases.forEach(state::phase),
        state -> half.forEach(id -> state.phase(id, Objects.requireNonNull(phases.get(id)))));
  }

  @Override
  public boolean keepsPauses() {
    return layer.keepsPauses;
  }

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    write("roll back", state -> state.rollback(id));
    return getTableReplicationState(id).orElseThrow();
  }

  @Override
  public Optional<String> getTableMapping(TableId source) {
    return Optional.ofNullable(cache.mappings.get(source));
  }

  @Override
  public Map<TableId, String> getTableMappings() {
    return Collections.unmodifiableMap(new TreeMap<>(cache.mappings));
  }

  @Override
  public void storeTableMapping(TableId source, String destinationTable) {
    write("store mapping", state -> state.mappings.put(source, destinationTable));
  }

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    return Optional.ofNullable(cache.progress.get(slotName));
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress progress) {
    write("store progress", state -> state.progress(progress));
  }

  @Override
  public void deleteReplicationProgress(String slotName) {
    write("delete progress", state -> state.progress.remove(slotName));
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    return getTableSchema(id, new Lsn(-1));
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    NavigableMap<Lsn, TableSchema> versions = cache.schemas.getOrDefault(id, new TreeMap<>());
    return Optional.ofNullable(versions.floorEntry(at)).map(Map.Entry::getValue);
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    return cache.schemas.keySet().stream().map(id -> getTableSchema(id).orElseThrow()).toList();
  }

  @Override
  public void storeTableSchema(TableSchema schema) {
    write("store schema", state -> state.schema(schema));
  }

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    int before = count(cache.schemas.values());
    write("prune schemas", state -> state.prune(retention));
    return before - count(cache.schemas.values());
  }

  private static int count(Collection<NavigableMap<Lsn, TableSchema>> schemas) {
    return schemas.stream().mapToInt(Map::size).sum();
  }

  @Override
  public Optional<String> getCopyRanges(TableId id) {
    return Optional.ofNullable(cache.ranges.get(id));
  }

  @Override
  public int loadCopyRanges() {
    return load("load ranges", memory -> memory.takeRanges(layer.saved));
  }

  @Override
  public void storeCopyRanges(TableId id, String ranges) {
    if (layer.keepsRanges) {
      layer.doubtful.add(id);
      write("store ranges", state -> state.ranges.put(id, ranges));
      layer.doubtful.remove(id);
    }
  }

  @Override
  public void deleteCopyRanges(TableId id) {
    Optional.ofNullable(layer.saved.ranges.get(id))
        .flatMap(CopyRangesText::read)
        .ifPresent(ranges -> watch.forgetting(id, ranges));
    if (layer.keepsRanges) {
      write("delete ranges", state -> state.ranges.remove(id));
    }
  }

  @Override
  public void cleanupTableState(TableId id) {
    write(
        "clean up",
        state -> {
          state.cleanup(id);
          if (state == layer.saved) {
            watch.forgotten(id);
          }
        });
  }
}
