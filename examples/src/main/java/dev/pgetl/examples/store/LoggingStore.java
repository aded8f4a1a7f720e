// tag::loggingStore[]
package dev.pgetl.examples.store;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store written from the interfaces alone: two layers of the same shape. Every change is made in
 * the persistent layer first, then in memory, which answers every read; then it is logged.
 * Thread-safe.
 */
public final class LoggingStore implements PipelineStore {
  private static final Logger LOG = LoggerFactory.getLogger(LoggingStore.class);

  private final Layer persistent;
  private final Layer memory = new Layer();

  public LoggingStore(Layer persistent) {
    this.persistent = persistent;
  }

  /** Holds immutable values, which are replaced, because they are read at any time. */
  public static class Layer {
    private final Map<TableId, List<TableReplicationPhase>> phases = new ConcurrentHashMap<>();
    private final Map<TableId, NavigableMap<Lsn, TableSchema>> schemas = new ConcurrentHashMap<>();
    private final Map<TableId, String> mappings = new ConcurrentHashMap<>();
    private final Map<TableId, String> copies = new ConcurrentHashMap<>();
    private final Map<String, ReplicationProgress> progress = new ConcurrentHashMap<>();

    private Stream<Map<TableId, ?>> ofTables() {
      return Stream.of(phases, schemas, mappings, copies);
    }

    /** Called before every access to the persistent layer; a test makes it throw. */
    protected void reach() {}
  }

  /** A write that throws has changed neither layer. */
  private void write(Object what, Consumer<Layer> change) {
    synchronized (persistent) {
      persistent.reach();
      change.accept(persistent);
      change.accept(memory);
      LOG.info("stored: {}", what);
    }
  }

  private <K, V> Map<K, V> load(Function<Layer, Map<K, V>> part) {
    synchronized (persistent) {
      persistent.reach();
      part.apply(memory).keySet().retainAll(part.apply(persistent).keySet());
      part.apply(memory).putAll(part.apply(persistent));
      return part.apply(memory);
    }
  }

  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    return memory.phases.getOrDefault(id, List.of()).stream().findFirst();
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    return memory.phases.entrySet().stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> entry.getValue().get(0)));
  }

  @Override
  public int loadTableReplicationStates() {
    return load(layer -> layer.phases).size();
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
    if (!phase.isStored()) {
      throw new IllegalArgumentException("phase " + phase.name() + " is never stored");
    }
    write(id + " is " + phase, layer -> layer.phases.merge(id, List.of(phase), this::history));
  }

  /** Newest first; an unchanged phase is not repeated. */
  private List<TableReplicationPhase> history(
      List<TableReplicationPhase> old, List<TableReplicationPhase> now) {
    return Stream.concat(now.stream(), old.stream().dropWhile(now::contains)).limit(100).toList();
  }

  @Override
  public boolean keepsPauses() {
    return true;
  }

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    synchronized (persistent) {
      List<TableReplicationPhase> old = persistent.phases.getOrDefault(id, List.of());
      if (old.size() < 2) {
        throw new EtlException(ErrorKind.CONFIGURATION, "roll back " + id + ": no phase before");
      }
      write(id + " rolled back", layer -> layer.phases.put(id, old.subList(1, old.size())));
      return old.get(1);
    }
  }

  @Override
  public Optional<String> getTableMapping(TableId source) {
    return Optional.ofNullable(memory.mappings.get(source));
  }

  @Override
  public Map<TableId, String> getTableMappings() {
    return Map.copyOf(memory.mappings);
  }

  @Override
  public int loadTableMappings() {
    return load(layer -> layer.mappings).size();
  }

  @Override
  public void storeTableMapping(TableId source, String name) {
    write(source + " is called " + name, layer -> layer.mappings.put(source, name));
  }

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    return Optional.ofNullable(memory.progress.get(slotName));
  }

  @Override
  public int loadReplicationProgress() {
    return load(layer -> layer.progress).size();
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress next) {
    write(next, layer -> layer.progress.merge(next.slotName(), next, this::further));
  }

  private ReplicationProgress further(ReplicationProgress known, ReplicationProgress next) {
    boolean isBack = next.flushedLsn().isBefore(known.flushedLsn());
    return isBack && next.lineage().equals(known.lineage()) ? known : next;
  }

  @Override
  public void deleteReplicationProgress(String slotName) {
    write(slotName + " is gone", layer -> layer.progress.remove(slotName));
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    return getTableSchema(id, new Lsn(-1));
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    NavigableMap<Lsn, TableSchema> versions = memory.schemas.getOrDefault(id, new TreeMap<>());
    return Optional.ofNullable(versions.floorEntry(at)).map(Map.Entry::getValue);
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    return memory.schemas.values().stream().map(each -> each.lastEntry().getValue()).toList();
  }

  @Override
  public int loadTableSchemas() {
    return load(layer -> layer.schemas).values().stream().mapToInt(Map::size).sum();
  }

  @Override
  public void storeTableSchema(TableSchema schema) {
    NavigableMap<Lsn, TableSchema> version = new TreeMap<>(Map.of(schema.snapshotLsn(), schema));
    write(schema, layer -> layer.schemas.merge(schema.id(), version, this::versions));
  }

  private NavigableMap<Lsn, TableSchema> versions(
      NavigableMap<Lsn, TableSchema> known, NavigableMap<Lsn, TableSchema> next) {
    NavigableMap<Lsn, TableSchema> versions = new TreeMap<>(known);
    versions.putAll(next);
    return versions;
  }

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    synchronized (persistent) {
      int before = loadTableSchemas();
      write(retention, layer -> layer.schemas.replaceAll((id, all) -> kept(retention, id, all)));
      return before - loadTableSchemas();
    }
  }

  private static NavigableMap<Lsn, TableSchema> kept(
      Map<TableId, Lsn> retention, TableId id, NavigableMap<Lsn, TableSchema> all) {
    Lsn oldest = all.floorKey(retention.getOrDefault(id, Lsn.ZERO));
    return oldest == null ? all : new TreeMap<>(all.tailMap(oldest, true));
  }

  // These four methods are optional: without them an interrupted copy starts over.

  @Override
  public Optional<String> getCopyRanges(TableId id) {
    return Optional.ofNullable(memory.copies.get(id));
  }

  @Override
  public int loadCopyRanges() {
    return load(layer -> layer.copies).size();
  }

  @Override
  public void storeCopyRanges(TableId id, String ranges) {
    write("ranges of " + id, layer -> layer.copies.put(id, ranges)); // values of keys: not logged
  }

  @Override
  public void deleteCopyRanges(TableId id) {
    write(id + " has no ranges", layer -> layer.copies.remove(id));
  }

  @Override
  public void cleanupTableState(TableId id) {
    write(id + " is forgotten", layer -> layer.ofTables().forEach(map -> map.remove(id)));
  }

  /** Arguments: the JDBC URL of a source and a publication; without any it starts a source. */
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length == 2) {
      run(PgConnectionConfig.jdbcUrl(arguments[0]).build(), arguments[1]);
      return;
    }
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute("create table users (id int primary key)");
      database.execute("create publication pub for table users");
      run(database.connectionConfig(), "pub");
    }
  }

  /** Starts twice on the same layer; the second start finds the state of the first. */
  private static void run(PgConnectionConfig source, String publication)
      throws InterruptedException {
    PipelineConfig config = PipelineConfig.builder("logging_store", publication, source).build();
    Layer persistent = new Layer();
    for (int start = 1; start <= 2; start++) {
      LOG.info("start {}", start);
      LoggingStore store = new LoggingStore(persistent);
      try (Pipeline pipeline = Pipeline.create(config, store, new RecordingDestination())) {
        pipeline.start();
        pipeline.awaitReady(Duration.ofMinutes(1));
      }
    }
  }
}
// end::loggingStore[]
