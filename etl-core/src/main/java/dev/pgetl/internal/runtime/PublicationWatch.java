package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.runtime.table.SyncWorkers;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the publication from time to time while the pipeline runs: takes in tables that were added,
 * and forgets tables that left once their last changes are out. Owned by the timer's thread.
 */
final class PublicationWatch {
  private static final Logger LOG = LoggerFactory.getLogger(PublicationWatch.class);
  private final PipelineContext context;
  private final Tables tables;
  private final ApplyWorker apply;
  private final SyncWorkers syncs;
  private final PartitionWatch partitions;
  private final TableClaims.Claimant claims;

  PublicationWatch(
      PipelineContext context,
      Tables tables,
      ApplyWorker apply,
      SyncWorkers syncs,
      PartitionWatch partitions,
      TableClaims.Claimant claims) {
    this.context = context;
    this.tables = tables;
    this.apply = apply;
    this.syncs = syncs;
    this.partitions = partitions;
    this.claims = claims;
  }

  /** Compares publication and tables once; a failure is logged, the next refresh comes. */
  void refresh() throws InterruptedException {
    String publication = context.config().publicationName();
    try {
      List<PublishedTable> published = context.source().publishedTables(publication);
      for (PublishedTable table : published) {
        takeIn(table);
      }
      partitions.refresh(published);
      forgetLeft(published.stream().map(PublishedTable::id).collect(Collectors.toSet()));
    } catch (EtlException e) {
      LOG.warn(
          "refreshing publication {} failed, retrying at the next refresh: {}: {}",
          publication,
          e.kind(),
          e.getMessage());
    }
  }

  private void takeIn(PublishedTable published) throws InterruptedException {
    Table table = tables.find(published.id());
    if (table != null) {
      rename(table, published);
      if (table.leavingSince() != null) {
        LOG.info("table {} has left the publication and come back: resync", table.name());
        syncs.resync(table);
        table.leavingSince(null);
      }
    } else if (claims.take(published.id())) {
      LOG.info("table {} has been added to the publication", published.name());
      syncs.schedule(tables.add(published.id(), published.name()));
    } else if (claims.missed(published.id())) {
      LOG.warn(
          "table {} has been added to the publication, but belongs to {} of the same group: it is"
              + " ignored until it has left that one's",
          published.name(),
          claims.owner(published.id()));
    }
  }

  private static void rename(Table table, PublishedTable published) {
    String before = table.name().toString();
    if (table.rename(published.name())) {
      LOG.info("table {} is called {} now", before, published.name());
    }
  }

  private void forgetLeft(Set<TableId> published) throws InterruptedException {
    for (Table table : tables.all()) {
      if (!published.contains(table.id())) {
        forgetLeft(table);
      }
    }
  }

  private void forgetLeft(Table table) throws InterruptedException {
    Lsn since = table.leavingSince();
    if (since == null) {
      since = context.source().facts().currentWal();
      table.leavingSince(since);
    }
    apply.want(since);
    if (!apply.durable().isBefore(since)) {
      forget(table);
    }
  }

  /** While the destination hangs in a call of the table's worker, the next refresh tries again. */
  private void forget(Table table) throws InterruptedException {
    if (syncs.forget(table, left -> Startup.forget(context, tables, left))) {
      claims.release(table.id());
    }
  }

  /**
   * Removes schema versions older than what a replay can need; a failure is logged, the next time
   * comes.
   */
  void prune() {
    try {
      pruneOnce();
    } catch (EtlException e) {
      LOG.warn("removing old schema versions failed: {}: {}", e.kind(), e.getMessage());
    }
  }

  private void pruneOnce() {
    Lsn durable = apply.durable();
    Map<TableId, Lsn> retention =
        tables.all().stream()
            .filter(table -> table.phase() instanceof Ready)
            .collect(Collectors.toMap(Table::id, table -> durable));
    int pruned = retention.isEmpty() ? 0 : context.store().pruneTableSchemas(retention);
    if (pruned > 0) {
      LOG.info("removed {} schema versions no replay can need", pruned);
    }
  }
}
