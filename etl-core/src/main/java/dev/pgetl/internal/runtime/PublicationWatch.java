package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.facts.OpenTransactions;
import dev.pgetl.internal.runtime.stream.Departure;
import dev.pgetl.internal.runtime.sync.SyncWorkers;
import dev.pgetl.internal.runtime.sync.TablePauses;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the publication from time to time while the pipeline runs: takes in tables that were added,
 * and forgets tables that left once their last changes are out. Also removes what is not needed any
 * more. Owned by the timer's thread.
 */
final class PublicationWatch {
  private static final Logger LOG = LoggerFactory.getLogger(PublicationWatch.class);
  private final PipelineContext context;
  private final Tables tables;
  private final ApplyWorker apply;
  private final SyncWorkers syncs;
  private final TablePauses pauses;
  private final ScopeWatch scopes;
  private final TableClaims.Claimant claims;
  private final LeftoverSlots leftover;

  PublicationWatch(
      PipelineContext context,
      Tables tables,
      ApplyWorker apply,
      SyncWorkers syncs,
      ScopeWatch scopes,
      TableClaims.Claimant claims) {
    this.context = context;
    this.tables = tables;
    this.apply = apply;
    this.syncs = syncs;
    this.pauses = new TablePauses(syncs, apply);
    this.scopes = scopes;
    this.claims = claims;
    this.leftover = new LeftoverSlots(context, tables);
  }

  /**
   * Compares publication and tables once; a failure is logged, the next refresh comes.
   *
   * @param followsPublication false to leave the set of tables as it is
   */
  void refresh(boolean followsPublication) throws InterruptedException {
    String publication = context.config().publicationName();
    try {
      if (followsPublication) {
        compare(context.source().publishedTables(publication));
      }
      syncs.refreshSizes();
      context.source().catalog().checkTypes();
      forgetLeft();
      leftover.drop(this::dropSlot);
      useSlots();
      apply.checkStandby();
    } catch (EtlException e) {
      LOG.warn(
          "refreshing publication {} failed, retrying at the next refresh: {}: {}",
          publication,
          e.kind(),
          e.getMessage());
    }
  }

  private void compare(List<PublishedTable> published) throws InterruptedException {
    List<PublishedTable> added = new ArrayList<>();
    List<Table> returned = new ArrayList<>();
    for (PublishedTable table : published) {
      if (takeIn(table, returned)) {
        added.add(table);
      }
    }
    pauses.resync(returned);
    returned.forEach(table -> table.notes().departure(null));
    add(added);
    List<Table> cameBack = scopes.refresh(published);
    apply.renewal().at(scopes.renewal());
    pauses.resync(cameBack);
    Set<TableId> ids = published.stream().map(PublishedTable::id).collect(Collectors.toSet());
    leave(
        tables.all().stream()
            .filter(table -> !ids.contains(table.id()) && table.notes().departure() == null)
            .toList());
  }

  private void add(List<PublishedTable> added) {
    if (!added.isEmpty()) {
      Lsn now = end().position();
      scopes.changedBefore(now);
      syncs.begin(Startup.add(tables, added, now));
    }
  }

  private void leave(List<Table> left) {
    if (!left.isEmpty()) {
      Departure departure = Departure.begin(openTransactions(), end());
      for (Table table : left) {
        LOG.info("table {} has left the publication", table.name());
        table.notes().departure(departure);
      }
    }
  }

  private OpenTransactions openTransactions() {
    return context.source().openTransactions(context.applySlot());
  }

  /** {@return the end of the log, on the timeline that the apply worker reads} */
  private WalEnd end() {
    WalEnd end = context.source().endOfWal();
    apply.renewal().requireTimeline(end);
    return end;
  }

  /** While rows are copied, and while a retry is waited for, nothing reads from a table's slot. */
  private void useSlots() {
    Set<String> names =
        tables.all().stream()
            .filter(table -> table.life().mayHaveSlot())
            .map(table -> context.syncSlotPrefix() + table.id())
            .collect(Collectors.toSet());
    context.source().useSlots(names, context.config().publicationName());
  }

  /** Its own worker does it, which makes and drops all slots of the table. */
  private void dropSlot(Table table) {
    if (!table.life().mayRetry()) {
      syncs.schedule(table);
    }
  }

  /**
   * {@return whether a table is new, and this pipeline's} Follows its name.
   *
   * @param returned gets it if it had left
   */
  private boolean takeIn(PublishedTable published, List<Table> returned) {
    Table table = tables.find(published.id());
    if (table != null) {
      rename(table, published);
      if (table.notes().departure() != null) {
        LOG.info("table {} has left the publication and come back: resync", table.name());
        returned.add(table);
      }
    } else if (claims.take(published.id())) {
      LOG.info("table {} has been added to the publication", published.name());
      return true;
    } else if (claims.missed(published.id())) {
      LOG.warn(
          "table {} has been added to the publication, but belongs to {} of the same group: it is"
              + " ignored until it has left that one's",
          published.name(),
          claims.owner(published.id()));
    }
    return false;
  }

  private void rename(Table table, PublishedTable published) {
    String before = table.name().toString();
    if (table.rename(published.name())) {
      LOG.info("table {} is called {} now", before, published.name());
      scopes.renamed(published);
    }
  }

  private void forgetLeft() throws InterruptedException {
    findEnds();
    for (Table table : tables.all()) {
      Departure leaving = table.notes().departure();
      Lsn end = leaving == null ? null : leaving.end();
      if (leaving != null && end != null) {
        apply.want(end);
        if (apply.hasPassed(new WalEnd(leaving.timeline(), end))) {
          forget(table);
        }
      }
    }
  }

  /** Transactions that changed the tables while they were published may end much later. */
  private void findEnds() {
    List<Table> open = tables.all().stream().filter(this::hasNoEnd).toList();
    if (!open.isEmpty()) {
      OpenTransactions transactions = openTransactions();
      WalEnd end = end();
      for (Table table : open) {
        Departure leaving = Objects.requireNonNull(table.notes().departure());
        table.notes().departure(leaving.at(transactions, end));
      }
    }
  }

  /** {@return whether a table leaves, and no end is known on the timeline that is read} */
  private boolean hasNoEnd(Table table) {
    Departure leaving = table.notes().departure();
    return leaving != null && (leaving.end() == null || leaving.timeline() != apply.timeline());
  }

  /** While the destination hangs in a call of the table's worker, the next refresh tries again. */
  private void forget(Table table) throws InterruptedException {
    if (syncs.forget(table, left -> Startup.forget(context, tables, left))) {
      claims.release(table.id());
    }
  }

  /**
   * Removes schema versions older than what a replay or the next start can need; a failure is
   * logged, the next time comes.
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
            .filter(table -> table.phase() instanceof Ready && hasFirstName(table))
            .collect(Collectors.toMap(Table::id, table -> durable));
    int pruned = retention.isEmpty() ? 0 : context.store().pruneTableSchemas(retention);
    if (pruned > 0) {
      LOG.info("removed {} schema versions no replay can need", pruned);
    }
  }

  /** The next start has to know that a table was renamed, and from what. */
  private boolean hasFirstName(Table table) {
    Optional<TableSchema> newest = context.store().getTableSchema(table.id());
    return newest.isPresent() && newest.get().name().equals(table.firstName());
  }
}
