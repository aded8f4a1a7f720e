package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the publication from time to time while the pipeline runs: takes in tables that were added,
 * and forgets tables that left once their last changes are out. Owned by the supervisor's thread.
 */
final class PublicationWatch {
  private static final Logger LOG = LoggerFactory.getLogger(PublicationWatch.class);

  private final Services services;
  private final ApplyStream apply;
  private final SyncScheduler syncs;
  private final PartitionWatch partitions;
  private final TableClaims.Claimant claims;
  private final Map<TableId, Lsn> leaving = new HashMap<>();
  private final Set<TableId> ofOthers = new HashSet<>();

  PublicationWatch(
      Services services,
      ApplyStream apply,
      SyncScheduler syncs,
      PartitionWatch partitions,
      TableClaims.Claimant claims) {
    this.services = services;
    this.apply = apply;
    this.syncs = syncs;
    this.partitions = partitions;
    this.claims = claims;
  }

  /** One look; a failure is logged, the next look comes. */
  void look() throws InterruptedException {
    try {
      List<PublishedTable> published =
          services.source().publishedTables(services.config().publicationName());
      for (PublishedTable table : published) {
        takeIn(table);
      }
      partitions.look(published);
      forgetLeft(published.stream().map(PublishedTable::id).collect(Collectors.toSet()));
      prune();
    } catch (EtlException e) {
      LOG.warn(
          "a look at publication {} failed, the next one comes: {}",
          services.config().publicationName(),
          e.getMessage());
    }
  }

  private void takeIn(PublishedTable table) throws InterruptedException {
    if (services.states().contains(table.id())) {
      services.states().rename(table.id(), table.name());
      if (leaving.containsKey(table.id())) {
        LOG.info(
            "table {} has left the publication and come back, it is copied again", table.name());
        syncs.startOver(table.id());
        leaving.remove(table.id());
      }
    } else if (claims.take(table.id())) {
      LOG.info("table {} has been added to the publication", table.name());
      ofOthers.remove(table.id());
      services.states().add(table.id(), table.name());
      syncs.schedule(table.id());
    } else if (ofOthers.add(table.id())) {
      LOG.warn(
          "table {} has been added to the publication, but is carried by {} of the same group: it is"
              + " ignored until it has left that one's",
          table.name(),
          claims.owner(table.id()));
    }
  }

  private void forgetLeft(Set<TableId> published) throws InterruptedException {
    for (TableId id : services.states().ids()) {
      if (!published.contains(id)) {
        Lsn now = leaving.computeIfAbsent(id, left -> services.source().facts().currentWal());
        apply.want(now);
        if (!apply.durable().isBefore(now)) {
          forget(id);
        }
      }
    }
  }

  /** While the destination hangs in a call of the table's worker, the next look tries again. */
  private void forget(TableId id) throws InterruptedException {
    if (syncs.forget(id, () -> Startup.forget(services, id))) {
      claims.release(id);
      leaving.remove(id);
    }
  }

  /** Schema versions older than what a replay can need. */
  private void prune() {
    Lsn durable = apply.durable();
    Map<TableId, Lsn> retention =
        services.states().ids().stream()
            .filter(id -> services.states().phase(id) instanceof TableReplicationPhase.Ready)
            .collect(Collectors.toMap(id -> id, id -> durable));
    int pruned = retention.isEmpty() ? 0 : services.store().pruneTableSchemas(retention);
    if (pruned > 0) {
      LOG.info("removed {} schema versions no replay can need", pruned);
    }
  }
}
