package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.Unexpected;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run of a sync worker that has many tables, and what becomes of those that are not done. Runs
 * once, on the worker's thread.
 */
final class GroupRun {
  private static final Logger LOG = LoggerFactory.getLogger(GroupRun.class);

  private final List<Table> members;
  private final GroupSync sync;
  private final SyncFailures failures;
  private final Map<Table, SyncFailures.Retry> retries = new LinkedHashMap<>();

  GroupRun(List<Table> members, GroupSync sync, SyncFailures failures) {
    this.members = members;
    this.sync = sync;
    this.failures = failures;
  }

  void run() throws InterruptedException {
    for (Table table : members) {
      try {
        if (!table.prepareRun()) {
          sync.leave(table);
        }
      } catch (EtlException e) {
        sync.leave(table);
        retries.put(table, failures.whenStoreIsBack(e));
      }
    }
    setBack(sync("synchronising " + members.size() + " small tables", sync));
  }

  /** {@return the tables that are neither done nor wait for a retry} */
  List<Table> left() {
    return members.stream()
        .filter(table -> !sync.isGone(table) && !retries.containsKey(table))
        .filter(table -> table.life().mayRetry() && table.wish() == Wish.NONE)
        .filter(table -> !(table.phase() instanceof Errored))
        .toList();
  }

  /** {@return the tables that are retried} */
  Map<Table, SyncFailures.Retry> retries() {
    return retries;
  }

  /**
   * A table that failed by itself is set back for that, the others for what they have in common.
   */
  private void setBack(@Nullable EtlException common) {
    boolean ofOne =
        common != null && members.stream().anyMatch(table -> SyncFailures.names(common, table));
    for (Table table : members) {
      if (sync.isGone(table) || retries.containsKey(table) || !table.life().mayRetry()) {
        continue;
      }
      EtlException own = sync.failure(table);
      if (own != null) {
        setBack(table, own);
      } else if (common != null && (!ofOne || SyncFailures.names(common, table))) {
        setBackTogether(table, common);
      }
    }
  }

  /** What waiting does not help against is found again, and reported, by a worker of its own. */
  private void setBackTogether(Table table, EtlException why) {
    if (why.kind().isTemporary() || sync.isStopped()) {
      setBack(table, why);
      return;
    }
    LOG.info("table {} is copied alone: {}: {}", table.name(), why.kind(), why.getMessage());
    table.notes().copyAlone();
  }

  private void setBack(Table table, EtlException why) {
    if (sync.isStopped()) {
      return; // it is scheduled again
    }
    SyncFailures.Retry retry = failures.failed(table, sync, why);
    if (retry != null) {
      retries.put(table, retry);
    }
  }

  /** {@return why a worker could not continue; null if it had not to} */
  @SuppressWarnings("IllegalCatch") // an error concerns the tables whose worker met it
  static @Nullable EtlException sync(String doing, Sync sync) throws InterruptedException {
    try {
      sync.run();
      return null;
    } catch (InterruptedException e) {
      if (sync.isStopped()) {
        throw e;
      }
      return new EtlException(ErrorKind.INTERNAL, doing + " was interrupted by an extension", e);
    } catch (RuntimeException | Error e) {
      return Unexpected.failure(doing, e);
    }
  }
}
