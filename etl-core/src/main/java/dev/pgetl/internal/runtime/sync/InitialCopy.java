package dev.pgetl.internal.runtime.sync;

import dev.pgetl.config.ReadBy;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.RowExchange;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.range.CopyOrigin;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.runtime.lineage.Lineage;
import dev.pgetl.internal.runtime.rows.CopyDelivery;
import dev.pgetl.internal.runtime.rows.CopyProgress;
import dev.pgetl.internal.runtime.rows.CopySettings;
import dev.pgetl.internal.runtime.rows.CopySpeed;
import dev.pgetl.internal.runtime.rows.CopyTarget;
import dev.pgetl.internal.runtime.rows.RangeProgress;
import dev.pgetl.internal.runtime.rows.RowTransfer;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.wal.Lsn;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copy of one table's rows, up to {@code FinishedCopy}. It begins with the table's slot and an
 * empty table at the destination, or one aside that replaces the old one in the end; or it
 * continues where an earlier copy was interrupted. Owned by the table sync worker's thread.
 */
final class InitialCopy {
  private static final Logger LOG = LoggerFactory.getLogger(InitialCopy.class);
  private static final String CHANGED =
      "the table, what is published of it, or the condition on its rows, was changed";
  private static final String NO_SNAPSHOT = "the server has no slot for a newer snapshot";

  private final PipelineContext context;
  private final PipelineStore store;
  private final StreamResources resources;
  private final Table table;
  private final String slot;
  private final CopyDelivery delivery;
  private final CopyTarget target;
  private final CopySettings settings;
  private final TableCopier copier;
  private final CopySpeed speed;
  private long since;

  InitialCopy(
      PipelineContext context,
      StreamResources resources,
      Table table,
      String slot,
      CopyDelivery delivery,
      TableCopier copier,
      CopySpeed speed) {
    this.context = context;
    this.store = context.store();
    this.resources = resources;
    this.table = table;
    this.slot = slot;
    this.delivery = delivery;
    this.target = new CopyTarget(context, table, delivery);
    this.settings = new CopySettings(context, table.firstName());
    this.copier = copier;
    this.speed = speed;
  }

  /** Copies the rows, or those up to where it is stopped. */
  void run() throws InterruptedException {
    since = context.platform().nanos();
    PublishedTable published = published();
    checkReadable(published);
    CopyRanges left = left();
    if (left == null || !continueWith(published, left)) {
      copyAll(published);
    }
  }

  private PublishedTable published() {
    return context
        .source()
        .publishedTable(context.config().publicationName(), table.id(), table.name());
  }

  private void checkReadable(PublishedTable published) {
    if (!published.missingPrivileges().isEmpty()) {
      throw new EtlException(
              ErrorKind.SOURCE_PERMISSION,
              "copying table " + published.name() + " failed: the role may not read it")
          .withFix(
              published.missingPrivileges()
                  + (context.copyOnly() ? "" : "; then resync the table"));
    }
  }

  private TableCopy begin(PublishedTable published, @Nullable CopyRanges left) {
    return copier.begin(settings.request(published, slot, left));
  }

  // ---- from the beginning ----

  private void copyAll(PublishedTable published) throws InterruptedException {
    store.deleteCopyRanges(table.id());
    table.move(new CopyStarted());
    dropSlot();
    Failpoint.BEFORE_SYNC_SLOT_CREATED.reached();
    try (TableCopy begun = begin(published, null)) {
      Failpoint.AFTER_SYNC_SLOT_CREATED.reached();
      if (!delivery.isStopped()) {
        copyAll(begun, settings.everyRow(published));
      }
    } finally {
      dropSlotIfUseless();
    }
  }

  /**
   * Copies the rows.
   *
   * @param everyRow whether all rows are copied, so that their number is known
   */
  private void copyAll(TableCopy begun, boolean everyRow) throws InterruptedException {
    TableSchema version = begun.schema();
    boolean replaces = !begun.workers().isEmpty() && target.begin(version);
    CopyRanges planned = rememberStart(begun, replaces);
    begins(begun, version, everyRow);
    LOG.info(
        "copying table {}: connections {}, estimated rows {}, {}{}",
        version.name(),
        begun.workers().size(),
        begun.estimatedRows() < 0 ? "unknown" : begun.estimatedRows(),
        begun.ranges().isEmpty() ? "by block" : "by key in " + begun.ranges().size() + " ranges",
        replaces ? ", the old rows stay until then" : "");
    long begunAt = context.platform().nanos();
    copyRows(begun, version, planned, expectedRows(begun, everyRow));
    if (!begun.workers().isEmpty() && table.phase() instanceof FinishedCopy) {
      speed.copied(table.notes().copy().bytesOnDisk(), context.platform().nanos() - begunAt);
    }
  }

  /** {@return the ranges of the copy to keep; null if it does not go by them, or is not resumed} */
  private @Nullable CopyRanges rememberStart(TableCopy begun, boolean replaces) {
    Lsn start = begun.consistentPoint();
    target.forgetOtherHistory(start);
    ReplicationProgress progress =
        new ReplicationProgress(slot, Lineage.of(begun.facts(), start), start);
    store.storeReplicationProgress(progress);
    store.storeTableSchema(begun.schema());
    if (begun.ranges().isEmpty() || context.copyOnly()) {
      return null;
    }
    CopyOrigin origin = new CopyOrigin(progress.lineage(), start, begun.shape(), replaces);
    CopyRanges planned = CopyRanges.planned(origin, begun.ranges());
    store.storeCopyRanges(table.id(), CopyRangesText.of(planned));
    return planned;
  }

  /** A copy that starts over has a slot of its own; until it comes, this one would hold WAL. */
  private void dropSlotIfUseless() {
    if (table.phase() instanceof FinishedCopy || stored().filter(CopyRanges::isBegun).isPresent()) {
      return;
    }
    try {
      dropSlot();
    } catch (EtlException e) {
      LOG.warn("replication slot {} could not be dropped: {}", slot, e.summary());
    }
  }

  private void dropSlot() {
    if (!context.copyOnly()) {
      context.source().dropSlot(slot);
      store.deleteReplicationProgress(slot);
    }
  }

  // ---- where an earlier copy was interrupted ----

  private Optional<CopyRanges> stored() {
    return store.getCopyRanges(table.id()).flatMap(CopyRangesText::read);
  }

  /** {@return what an earlier copy has left; null if there is nothing to continue} */
  private @Nullable CopyRanges left() {
    if (!(table.phase() instanceof DataSync) || store.getCopyRanges(table.id()).isEmpty()) {
      return null;
    }
    CopyRanges left = stored().orElse(null);
    if (left == null) {
      return startsOver("the store keeps its ranges in another form");
    }
    if (!left.isBegun() || settings.connections(left) == 0) {
      return null;
    }
    boolean byBlock = settings.readBy() == ReadBy.BLOCK && !left.origin().isOfRangeAgain();
    return byBlock ? startsOver("it is to be read by block") : held(left);
  }

  /** {@return the same if the table's slot still holds all changes since the copy began} */
  private @Nullable CopyRanges held(CopyRanges left) {
    Optional<ReplicationProgress> progress = store.getReplicationProgress(slot);
    if (progress.isEmpty() || !progress.get().lineage().equals(left.origin().lineage())) {
      return startsOver("the position of its slot is not known");
    }
    try {
      Lsn unused =
          Lineage.resume(
              slot,
              context.source().slot(slot),
              progress.get(),
              left.newest(),
              context.source().facts());
      return left;
    } catch (EtlException e) {
      if (e.kind() != ErrorKind.SLOT_LOST) {
        throw e;
      }
      return startsOver(e.summary());
    }
  }

  private @Nullable CopyRanges startsOver(String why) {
    LOG.warn("the copy of table {} starts over: {}", table.name(), why);
    return null;
  }

  /** {@return whether the copy was continued; if not, it has to start over} */
  private boolean continueWith(PublishedTable published, CopyRanges left)
      throws InterruptedException {
    Lsn first = left.origin().version();
    TableSchema version = store.getTableSchema(table.id(), first).orElse(null);
    if (version == null || !version.snapshotLsn().equals(first)) {
      return startsOver("the version of its rows is not known") != null;
    }
    try (TableCopy begun = snapshot(published, left)) {
      String against = begun == null ? NO_SNAPSHOT : against(begun, version, left);
      if (against.isEmpty()) {
        against = againstAtDestination(version, left);
      }
      if (begun == null || !against.isEmpty()) {
        return startsOver(against) != null;
      }
      boolean everyRow = settings.everyRow(published);
      if (!left.origin().isOfRangeAgain()) {
        begins(begun, version, everyRow);
        table.notes().copy().kept(left.rows(), left.bytes());
      }
      LOG.info(
          "continuing the copy of table {}: {} of {} ranges are finished, {} rows",
          version.name(),
          left.finishedCount(),
          left.ranges().size(),
          left.rows());
      copyRows(begun, version, left, expectedRows(begun, everyRow));
      return true;
    }
  }

  /** {@return a newer snapshot; null if the server has no slot for it} */
  private @Nullable TableCopy snapshot(PublishedTable published, CopyRanges left) {
    try {
      return begin(published, left);
    } catch (EtlException e) {
      if (!(e.getCause() instanceof EtlException cause && cause.kind() == ErrorKind.SOURCE_BUSY)) {
        throw e;
      }
      LOG.warn("table {}: {}: {}", table.name(), e.summary(), e.fix());
      return null;
    }
  }

  /** {@return why a copy cannot be continued; empty if it can} */
  private String against(TableCopy begun, TableSchema version, CopyRanges left) {
    if (begun.ranges().isEmpty()) {
      return "Java does not know the order of its key, or it is partitioned";
    }
    boolean same =
        left.origin().isOfRangeAgain()
            ? isPublishedAsBefore(begun.schema())
            : begun.shape().equals(left.origin().shape());
    return same && isSame(begun, version) ? "" : CHANGED;
  }

  /** {@return whether no change of a table that had been copied is missing in its slot} */
  private boolean isPublishedAsBefore(TableSchema snapshot) {
    RowScope before =
        store.getTableSchema(table.id()).flatMap(TableSchema::scope).orElse(table.notes().scope());
    RowScope now = snapshot.scope().orElse(null);
    return before == null
        || now == null
        || (now.changeSince(before).isEmpty() && !now.cameBackSince(before));
  }

  private static boolean isSame(TableCopy begun, TableSchema version) {
    return begun.schema().name().equals(version.name())
        && begun.schema().columns().equals(version.columns())
        && begun.schema().replicaIdentity() == version.replicaIdentity();
  }

  /** {@return why the destination cannot continue a copy; empty if it can} */
  private String againstAtDestination(TableSchema version, CopyRanges left)
      throws InterruptedException {
    if (left.origin().replaces() && !delivery.continueReplacement(version)) {
      return "the destination has not kept its rows aside";
    }
    return removeBegun(version, left) ? "" : "the destination cannot remove a part of it";
  }

  /**
   * The destination may hold rows of these ranges that are gone from the source by now. The store
   * may know them as finished, by a write that failed and has arrived all the same.
   */
  private boolean removeBegun(TableSchema version, CopyRanges left) throws InterruptedException {
    store.storeCopyRanges(table.id(), CopyRangesText.of(left));
    for (KeyRange range : left.begun()) {
      Failpoint.BEFORE_RANGE_REMOVED.reached();
      boolean removed = delivery.remove(version, range);
      Failpoint.AFTER_RANGE_REMOVED.reached();
      if (!removed) {
        return false;
      }
    }
    return true;
  }

  // ---- rows ----

  private void begins(TableCopy begun, TableSchema version, boolean everyRow) {
    table.notes().copyBegins(version, begun.estimatedRows());
    table.notes().copy().sampled(begun.spread(), !everyRow);
  }

  /** {@return how many rows there are to copy; -1 if only the planner knows the whole table} */
  private static long expectedRows(TableCopy begun, boolean everyRow) {
    return everyRow || begun.spread() != null ? begun.estimatedRows() : -1;
  }

  private void copyRows(
      TableCopy begun, TableSchema version, @Nullable CopyRanges ranges, long expectedRows)
      throws InterruptedException {
    if (!begun.workers().isEmpty()) {
      resources.costs().tableBegun(context.platform().nanos() - since);
    }
    transfer(begun, version, ranges, expectedRows).run();
    if (delivery.isStopped()) {
      return;
    }
    if (!begun.workers().isEmpty()) {
      Failpoint.BEFORE_TABLE_COPIED.reached();
      delivery.copied(version);
    }
    Failpoint.BEFORE_FINISHED_COPY.reached();
    table.move(new CopyFinished());
    Failpoint.AFTER_FINISHED_COPY.reached();
  }

  private RowTransfer transfer(
      TableCopy begun, TableSchema version, @Nullable CopyRanges ranges, long expectedRows) {
    RowExchange exchange =
        new RowExchange(
            context.config().batch(),
            resources.budget(),
            context.platform(),
            version.columnCount(),
            begun.workers().size());
    long before = ranges == null ? 0 : ranges.rows();
    CopyProgress progress =
        new CopyProgress(version.name(), expectedRows, before, context.platform());
    RangeProgress kept =
        ranges == null
            ? null
            : new RangeProgress(store, table.id(), ranges, begun.consistentPoint());
    return new RowTransfer(table, begun, exchange, resources, delivery, progress, version, kept);
  }
}
