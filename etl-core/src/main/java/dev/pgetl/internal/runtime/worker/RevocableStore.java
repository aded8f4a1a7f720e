package dev.pgetl.internal.runtime.worker;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Signal;
import dev.pgetl.internal.runtime.waits.Wait;
import dev.pgetl.internal.runtime.waits.Waits;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * The store of one pipeline until that has ended. A call of the destination that was given up may
 * return much later; what its thread writes then is refused, because the store may be another
 * pipeline's by that time. Thread-safe.
 */
public final class RevocableStore implements PipelineStore {
  private final PipelineStore store;
  private final Platform platform;
  private final Signal written;
  private final Rivals rivals;
  private final Waits waits;
  private final AtomicInteger inProgress = new AtomicInteger();
  private volatile boolean revoked;

  /** Gives access to a store. */
  public RevocableStore(PipelineStore store, Platform platform) {
    this(store, platform, Rivals.NONE, new Waits(platform));
  }

  /**
   * Gives access to a store whose writes may be repeated.
   *
   * @param waits where calls are noted that have not returned
   */
  public RevocableStore(PipelineStore store, Platform platform, Rivals rivals, Waits waits) {
    this.rivals = rivals;
    this.waits = waits;
    this.store = store;
    this.platform = platform;
    this.written = new Signal(platform);
  }

  /** {@return the store itself} */
  public PipelineStore given() {
    return store;
  }

  /**
   * Refuses every write from now on, and waits for writes in progress.
   *
   * @param nanos how long at most; 0 for not at all
   */
  public void revoke(long nanos) {
    revoked = true;
    try {
      awaitWritten(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitWritten(long nanos) throws InterruptedException {
    long until = platform.nanos() + nanos;
    long seen = written.count();
    while (inProgress.get() > 0 && until - platform.nanos() > 0) {
      written.await(seen, until - platform.nanos());
      seen = written.count();
    }
  }

  private <T> T write(Function<PipelineStore, T> call) {
    inProgress.incrementAndGet();
    Wait wait = waits.begin(Doing.AWAITS_STORE, "the store to write");
    try {
      return writeOnceOrAgain(call);
    } finally {
      wait.close();
      inProgress.decrementAndGet();
      written.raise();
    }
  }

  private int load(ToIntFunction<PipelineStore> call) {
    Wait wait = waits.begin(Doing.AWAITS_STORE, "the store to read");
    try {
      return call.applyAsInt(store);
    } finally {
      wait.close();
    }
  }

  private <T> T writeOnceOrAgain(Function<PipelineStore, T> call) {
    for (int attempt = 1; ; attempt++) {
      requireNotRevoked();
      try {
        return call.apply(store);
      } catch (EtlException e) {
        if (!isRepeated(e, attempt)) {
          throw e;
        }
      }
    }
  }

  private void requireNotRevoked() {
    if (revoked) {
      throw new EtlException(
          ErrorKind.STORE_LOCKED, "the pipeline has ended; what comes later is not stored");
    }
  }

  private boolean isRepeated(EtlException failure, int attempt) {
    try {
      return rivals.awaitStore(failure, attempt);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run(Consumer<PipelineStore> call) {
    boolean unused =
        write(
            to -> {
              call.accept(to);
              return true;
            });
  }

  @Override
  public boolean keepsPauses() {
    return store.keepsPauses();
  }

  @Override
  public Optional<TableReplicationPhase> getTableReplicationState(TableId id) {
    return store.getTableReplicationState(id);
  }

  @Override
  public Map<TableId, TableReplicationPhase> getTableReplicationStates() {
    return store.getTableReplicationStates();
  }

  @Override
  public int loadTableReplicationStates() {
    return load(PipelineStore::loadTableReplicationStates);
  }

  @Override
  public void updateTableReplicationState(TableId id, TableReplicationPhase phase) {
    run(to -> to.updateTableReplicationState(id, phase));
  }

  @Override
  public void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
    run(to -> to.updateTableReplicationStates(phases));
  }

  @Override
  public TableReplicationPhase rollbackTableReplicationState(TableId id) {
    return write(to -> to.rollbackTableReplicationState(id));
  }

  @Override
  public Optional<String> getTableMapping(TableId source) {
    return store.getTableMapping(source);
  }

  @Override
  public Map<TableId, String> getTableMappings() {
    return store.getTableMappings();
  }

  @Override
  public int loadTableMappings() {
    return load(PipelineStore::loadTableMappings);
  }

  @Override
  public void storeTableMapping(TableId source, String destinationTable) {
    run(to -> to.storeTableMapping(source, destinationTable));
  }

  @Override
  public Optional<ReplicationProgress> getReplicationProgress(String slotName) {
    return store.getReplicationProgress(slotName);
  }

  @Override
  public void storeReplicationProgress(ReplicationProgress progress) {
    run(to -> to.storeReplicationProgress(progress));
  }

  @Override
  public int loadReplicationProgress() {
    return load(PipelineStore::loadReplicationProgress);
  }

  @Override
  public void deleteReplicationProgress(String slotName) {
    run(to -> to.deleteReplicationProgress(slotName));
  }

  /** An answer that comes after the end has no consequences. */
  @Override
  public void proveOwnership() {
    requireNotRevoked();
    Wait wait = waits.begin(Doing.AWAITS_STORE, "the store to prove who owns the pipeline");
    try {
      store.proveOwnership();
    } catch (EtlException e) {
      if (!revoked) {
        throw e;
      }
    } finally {
      wait.close();
    }
  }

  @Override
  public List<Finding> diagnose() {
    return store.diagnose();
  }

  /** Who owns the pipeline is decided outside of one run. */
  @Override
  public Optional<LeaseStore> leases() {
    return store.leases();
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id) {
    return store.getTableSchema(id);
  }

  @Override
  public Optional<TableSchema> getTableSchema(TableId id, Lsn at) {
    return store.getTableSchema(id, at);
  }

  @Override
  public List<TableSchema> getTableSchemas() {
    return store.getTableSchemas();
  }

  @Override
  public int loadTableSchemas() {
    return load(PipelineStore::loadTableSchemas);
  }

  @Override
  public void storeTableSchema(TableSchema schema) {
    run(to -> to.storeTableSchema(schema));
  }

  @Override
  public int pruneTableSchemas(Map<TableId, Lsn> retention) {
    return write(to -> to.pruneTableSchemas(retention));
  }

  @Override
  public Optional<String> getCopyRanges(TableId id) {
    return store.getCopyRanges(id);
  }

  @Override
  public int loadCopyRanges() {
    return load(PipelineStore::loadCopyRanges);
  }

  @Override
  public void storeCopyRanges(TableId id, String ranges) {
    run(to -> to.storeCopyRanges(id, ranges));
  }

  @Override
  public void deleteCopyRanges(TableId id) {
    run(to -> to.deleteCopyRanges(id));
  }

  @Override
  public void cleanupTableState(TableId id) {
    run(to -> to.cleanupTableState(id));
  }
}
