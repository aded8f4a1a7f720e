package dev.pgetl.testkit.store;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * Stands before a store: remembers the phases every table went through, lets a test wait for one,
 * and makes writes fail before or after they were done.
 *
 * <p>The waiting methods give up after a minute with an {@link
 * org.awaitility.core.ConditionTimeoutException}.
 *
 * <p>Thread-safe if the store is.
 */
public final class AwaitingStore implements PipelineStore {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  private final PipelineStore target;
  private final Object lock = new Object();
  private final List<Fault> faults = new ArrayList<>();
  private final Map<TableId, List<TableReplicationPhase>> phases = new HashMap<>();

  /**
   * Creates the decorator.
   *
   * @param target the store that does the work
   */
  public AwaitingStore(PipelineStore target) {
    this.target = Objects.requireNonNull(target, "target");
  }

  /**
   * Makes writes fail without being done, until {@link #repair()}.
   *
   * @param kind with this kind
   * @param writes those that fulfil this condition
   */
  public void failBefore(ErrorKind kind, Predicate<StoreWrite> writes) {
    addFault(new Fault(writes, kind, true));
  }

  /**
   * Makes writes fail although they were done, until {@link #repair()}.
   *
   * @param kind with this kind
   * @param writes those that fulfil this condition
   */
  public void failAfter(ErrorKind kind, Predicate<StoreWrite> writes) {
    addFault(new Fault(writes, kind, false));
  }

  @Override
  public boolean keepsPauses() {
    return target.keepsPauses();
  }

  private void addFault(Fault fault) {
    synchronized (lock) {
      faults.add(fault);
    }
  }

  /** Lets all writes succeed again. */
  public void repair() {
    synchronized (lock) {
      faults.clear();
    }
  }

  /**
   * {@return the phases that were stored for a table, in order, since this object was made} What a
   * rollback returned to is one too.
   *
   * @param id the table
   */
  public List<TableReplicationPhase> phases(TableId id) {
    synchronized (lock) {
      return List.copyOf(phases.getOrDefault(id, List.of()));
    }
  }

  /**
   * Waits until a table is in a phase.
   *
   * @param id the table
   * @param phase the phase's class, for example {@code TableReplicationPhase.Ready.class}
   * @param <P> the phase
   * @return the phase
   */
  public <P extends TableReplicationPhase> P awaitPhase(TableId id, Class<P> phase) {
    return Awaitility.await("table " + id + " is in phase " + phase.getSimpleName())
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL_INTERVAL)
        .until(
            () -> getTableReplicationState(id).filter(phase::isInstance).map(phase::cast),
            Optional::isPresent)
        .orElseThrow();
  }

  /**
   * Waits until a table was in a phase, now or earlier, since this object was made.
   *
   * @param id the table
   * @param phase the phase's class
   */
  public void awaitPassed(TableId id, Class<? extends TableReplicationPhase> phase) {
    Awaitility.await("table " + id + " passed phase " + phase.getSimpleName())
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL_INTERVAL)
        .until(() -> phases(id).stream().anyMatch(phase::isInstance));
  }

  /**
   * Waits until so many tables are known and all of them are in a phase.
   *
   * @param tables how many
   * @param phase the phase's class
   */
  public void awaitAll(int tables, Class<? extends TableReplicationPhase> phase) {
    Awaitility.await(tables + " tables are in phase " + phase.getSimpleName())
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL_INTERVAL)
        .until(
            () -> {
              Map<TableId, TableReplicationPhase> states = getTableReplicationStates();
              return states.size() == tables
                  && states.values().stream().allMatch(phase::isInstance);
            });
  }

  /**
   * Waits until the progress of a slot has reached a position.
   *
   * @param slotName the slot
   * @param position at least this
   */
  public void awaitProgress(String slotName, Lsn position) {
    Awaitility.await("progress of " + slotName + " at " + position)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL_INTERVAL)
        .until(
            () ->
                getReplicationProgress(slotName)
                    .filter(progress -> !progress.flushedLsn().isBefore(position))
                    .isPresent());
  }

  private <T> T write(StoreWrite write, Supplier<T> work) {
    throwIfScripted(write, true);
    T result = work.get();
    throwIfScripted(write, false);
    return result;
  }

  private void write(StoreWrite write, Runnable work) {
    write(
        write,
        () -> {
          work.run();
          return write;
        });
  }

  private void throwIfScripted(StoreWrite write, boolean before) {
    Optional<Fault> fault;
    synchronized (lock) {
      fault =
          faults.stream()
              .filter(candidate -> candidate.before() == before && candidate.writes().test(write))
              .findFirst();
    }
    if (fault.isPresent()) {
      throw new EtlException(
          fault.get().kind(), "write of " + write.kind() + " failed, as the test requests");
    }
  }

  private void remember(TableId id, TableReplicationPhase phase) {
    synchronized (lock) {
      phases.computeIfAbsent(id, unknown -> new ArrayList<>()).add(phase);
    }
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    return target.getTableSchema(id);
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    return target.getTableSchema(id, at);
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    return target.getTableSchemas();
  }

  @Override
  public int loadTableSchemas() {
    return target.loadTableSchemas();
  }

  @Override
  public void storeTableSchema(TableSchema schema) {
    write(
        StoreWrite.of(StoreWrite.Kind.SCHEMA, schema.id()), () -> target.storeTableSchema(schema));
  }

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    return write(
        StoreWrite.of(StoreWrite.Kind.PRUNE, null), () -> target.pruneTableSchemas(retention));
  }

  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    return target.getTableReplicationState(id);
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    return target.getTableReplicationStates();
  }

  @Override
  public int loadTableReplicationStates() {
    return target.loadTableReplicationStates();
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
    write(
        StoreWrite.phase(id, phase),
        () -> {
          target.updateTableReplicationState(id, phase);
          remember(id, phase);
        });
  }

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    return write(
        StoreWrite.of(StoreWrite.Kind.ROLLBACK, id),
        () -> {
          TableReplicationPhase phase = target.rollbackTableReplicationState(id);
          remember(id, phase);
          return phase;
        });
  }

  @Override
  public Optional<String> getTableMapping(TableId source) {
    return target.getTableMapping(source);
  }

  @Override
  public Map<TableId, String> getTableMappings() {
    return target.getTableMappings();
  }

  @Override
  public int loadTableMappings() {
    return target.loadTableMappings();
  }

  @Override
  public void storeTableMapping(TableId source, String destinationTable) {
    write(
        StoreWrite.of(StoreWrite.Kind.MAPPING, source),
        () -> target.storeTableMapping(source, destinationTable));
  }

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    return target.getReplicationProgress(slotName);
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress progress) {
    write(StoreWrite.progress(progress), () -> target.storeReplicationProgress(progress));
  }

  @Override
  public void proveOwnership() {
    target.proveOwnership();
  }

  @Override
  public List<Finding> diagnose() {
    return target.diagnose();
  }

  @Override
  public Optional<LeaseStore> leases() {
    return target.leases();
  }

  @Override
  public int loadReplicationProgress() {
    return target.loadReplicationProgress();
  }

  @Override
  public void deleteReplicationProgress(String slotName) {
    write(
        StoreWrite.of(StoreWrite.Kind.DELETE_PROGRESS, null),
        () -> target.deleteReplicationProgress(slotName));
  }

  @Override
  public Optional<String> getCopyRanges(TableId id) {
    return target.getCopyRanges(id);
  }

  @Override
  public int loadCopyRanges() {
    return target.loadCopyRanges();
  }

  @Override
  public void storeCopyRanges(TableId id, String ranges) {
    write(StoreWrite.of(StoreWrite.Kind.COPY_RANGES, id), () -> target.storeCopyRanges(id, ranges));
  }

  @Override
  public void deleteCopyRanges(TableId id) {
    write(StoreWrite.of(StoreWrite.Kind.DELETE_COPY_RANGES, id), () -> target.deleteCopyRanges(id));
  }

  @Override
  public void cleanupTableState(TableId id) {
    write(StoreWrite.of(StoreWrite.Kind.CLEANUP, id), () -> target.cleanupTableState(id));
  }

  /**
   * Writes that fail.
   *
   * @param writes which
   * @param kind how
   * @param before whether before they are done
   */
  private record Fault(Predicate<StoreWrite> writes, ErrorKind kind, boolean before) {}
}
