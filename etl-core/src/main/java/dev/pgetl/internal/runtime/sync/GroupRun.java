package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.estimate.CopyCosts;
import dev.pgetl.internal.platform.Ticker;
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
 * The run of a sync worker that has many tables, and which of them are to be retried. Owned by the
 * worker's thread.
 */
final class GroupRun {
  private static final Logger LOG = LoggerFactory.getLogger(GroupRun.class);

  private final List<Table> members;
  private final GroupSync sync;
  private final SyncFailures failures;
  private final CopyCosts costs;
  private final Ticker ticker;
  private final Map<Table, SyncFailures.Retry> retries = new LinkedHashMap<>();

  GroupRun(
      List<Table> members, GroupSync sync, SyncFailures failures, CopyCosts costs, Ticker ticker) {
    this.members = members;
    this.sync = sync;
    this.failures = failures;
    this.costs = costs;
    this.ticker = ticker;
  }

  /** {@return the tables that wait for a retry} */
  Map<Table, SyncFailures.Retry> retries() {
    return retries;
  }

  /** {@return the tables that are neither done nor wait for a retry} */
  List<Table> left() {
    return members.stream().filter(this::isLeft).toList();
  }

  private boolean isLeft(Table table) {
    return !sync.isGone(table)
        && !retries.containsKey(table)
        && table.life().mayRetry()
        && table.wish() == Wish.NONE
        && !(table.phase() instanceof Errored);
  }

  /** Takes the tables as far as it goes. */
  void run() throws InterruptedException {
    for (Table table : members) {
      try {
        if (!table.prepareRun() || table.wish().isPause()) {
          sync.leave(table);
        }
      } catch (EtlException e) {
        sync.leave(table);
        retries.put(table, failures.whenStoreIsBack(e));
      }
    }
    setBack(attempt());
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

  private @Nullable EtlException attempt() throws InterruptedException {
    long since = ticker.nanos();
    EtlException failure = sync.attempt("synchronising " + members.size() + " small tables");
    int copied = (int) members.stream().filter(table -> table.life().isCopied()).count();
    if (copied > 0) {
      costs.smallTables(copied, ticker.nanos() - since);
    }
    return failure;
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
}
