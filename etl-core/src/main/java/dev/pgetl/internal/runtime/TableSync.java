package dev.pgetl.internal.runtime;

import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.CopyWorker;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.deliver.RowExchange;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of one table from {@code Init} to {@code SyncDone}: copies its rows under the snapshot of
 * its own slot, then streams from that slot to where the main stream takes over. Runs once; {@link
 * #stop} is for any thread.
 */
final class TableSync {
  private static final Logger LOG = LoggerFactory.getLogger(TableSync.class);

  private final Services services;
  private final Worker.Factory workers;
  private final ApplyStream apply;
  private final TableId table;
  private final String slot;

  private final CopyDelivery delivery;
  private final TableCopier copier;

  private volatile @Nullable CatchUp catchUp;

  TableSync(Services services, Worker.Factory workers, ApplyStream apply, TableId table) {
    this.services = services;
    this.workers = workers;
    this.apply = apply;
    this.table = table;
    this.slot = services.syncSlotPrefix() + table;
    this.delivery =
        new CopyDelivery(services.destination(), services.listener(), services.backoff());
    this.copier = services.copiers().copier();
  }

  /**
   * Takes the table as far as it goes.
   *
   * @throws EtlException if it cannot go on
   */
  void run() throws InterruptedException {
    awaitMainStream();
    if (isStopped()) {
      return;
    }
    TableReplicationPhase phase = services.states().phase(table);
    if (phase instanceof Init || phase instanceof DataSync) {
      copyTable();
    }
    while (!isStopped() && services.states().phase(table) instanceof FinishedCopy) {
      catchUp();
    }
  }

  /**
   * Changes of the table the main stream still holds have to be out before its rows are copied
   * again.
   */
  private void awaitMainStream() throws InterruptedException {
    Lsn leftAt = services.handOver().leftAt(table);
    while (leftAt != null
        && !isStopped()
        && !apply.awaitDurable(leftAt.plus(1), TimeUnit.MILLISECONDS.toNanos(200))) {
      LOG.debug("copy of table {} waits for the main stream to pass {}", table, leftAt);
    }
    apply.readmit(table);
  }

  private void copyTable() throws InterruptedException {
    PublishedTable published = published();
    checkReadable(published);
    truncateIfKnown();
    services.states().set(table, new DataSync());
    services.source().dropSlot(slot);
    services.store().deleteReplicationProgress(slot);
    Failpoint.BEFORE_SYNC_SLOT_CREATED.reached();
    boolean rows = services.config().tableCopy().copies(published.name());
    try (TableCopy begun =
        copier.begin(
            published,
            slot,
            rows ? services.config().maxCopyConnectionsPerTable() : 0,
            services.config().binary())) {
      Failpoint.AFTER_SYNC_SLOT_CREATED.reached();
      if (!isStopped()) {
        copyRows(begun, published.rowFilter().isEmpty());
      }
    } finally {
      dropSlotOfUnfinishedCopy();
    }
  }

  /** The next copy has a snapshot of its own; until it comes, the slot would only hold WAL. */
  private void dropSlotOfUnfinishedCopy() {
    if (!(services.states().phase(table) instanceof FinishedCopy)) {
      dropSlot();
    }
  }

  private PublishedTable published() {
    return services
        .source()
        .publishedTable(services.config().publicationName(), table, services.states().name(table));
  }

  private static void checkReadable(PublishedTable published) {
    if (!published.selectable()) {
      String table = published.name().quoted();
      throw new EtlException(
              ErrorKind.SOURCE_PERMISSION,
              "copying table " + published.name() + " failed: the role may not read it")
          .withFix("GRANT SELECT ON " + table + " TO the pipeline's role, then resync the table.");
    }
  }

  /**
   * A schema is stored before the first row is written: without one the destination has no row of
   * the table.
   */
  private void truncateIfKnown() throws InterruptedException {
    Optional<TableSchema> known = services.store().getTableSchema(table);
    if (known.isPresent()) {
      Failpoint.BEFORE_TRUNCATE.reached();
      delivery.truncate(known.get());
      Failpoint.AFTER_TRUNCATE.reached();
    }
  }

  /**
   * Copies the rows.
   *
   * @param everyRow whether the publication lets all rows through, so that their number is known
   */
  private void copyRows(TableCopy begun, boolean everyRow) throws InterruptedException {
    TableSchema schema = begun.schema();
    Lsn start = begun.consistentPoint();
    forgetOtherHistory(start);
    services
        .store()
        .storeReplicationProgress(
            new ReplicationProgress(slot, Lineage.of(begun.facts(), start), start));
    services.store().storeTableSchema(schema);
    services.states().copyBegins(table, begun.estimatedRows());
    LOG.info(
        "copying table {}: connections {}, estimated rows {}",
        schema.name(),
        begun.workers().size(),
        begun.estimatedRows() < 0 ? "unknown" : begun.estimatedRows());
    long expected = everyRow ? begun.estimatedRows() : -1;
    boolean accepted =
        write(begun, schema, new CopyProgress(schema.name(), expected, services.platform()::nanos));
    if (isStopped()) {
      return;
    }
    if (accepted) {
      delivery.flush();
    }
    Failpoint.BEFORE_FINISHED_COPY.reached();
    services.states().set(table, new FinishedCopy());
    Failpoint.AFTER_FINISHED_COPY.reached();
  }

  /**
   * Versions from behind the snapshot belong to a history that was lost: the database was restored,
   * or is another one. The destination has truncated the table, so they have done their duty.
   */
  private void forgetOtherHistory(Lsn start) {
    PipelineStore store = services.store();
    Optional<TableSchema> newest = store.getTableSchema(table);
    if (newest.isPresent() && newest.get().snapshotLsn().isAfter(start)) {
      Optional<String> mapping = store.getTableMapping(table);
      store.cleanupTableState(table);
      mapping.ifPresent(destinationTable -> store.storeTableMapping(table, destinationTable));
      services.states().set(table, new DataSync());
    }
  }

  /** {@return whether the destination has merely accepted some of the rows} */
  private boolean write(TableCopy begun, TableSchema schema, CopyProgress progress)
      throws InterruptedException {
    List<CopyWorker> connections = begun.workers();
    RowExchange exchange =
        new RowExchange(
            services.config().batch(),
            services.budget(),
            services.platform(),
            schema.columnCount(),
            connections.size());
    List<Worker> threads = new ArrayList<>();
    for (int i = 0; i < connections.size(); i++) {
      CopyWorker connection = connections.get(i);
      threads.add(workers.start("copy-" + table + "-" + i, () -> read(connection, exchange)));
    }
    try {
      return writeAll(exchange, schema, progress);
    } catch (EtlException | InterruptedException e) {
      exchange.fail(e);
      begun.abort();
      throw e;
    } finally {
      exchange.close();
      for (Worker thread : threads) {
        thread.awaitUninterruptibly();
      }
    }
  }

  private static void read(CopyWorker connection, RowExchange exchange)
      throws InterruptedException {
    RowExchange.Batcher batcher = exchange.batcher();
    try {
      connection.run(batcher::add);
      batcher.finish();
    } catch (RuntimeException e) {
      exchange.fail(e);
    } finally {
      batcher.close();
    }
  }

  private boolean writeAll(RowExchange exchange, TableSchema schema, CopyProgress progress)
      throws InterruptedException {
    boolean accepted = false;
    boolean any = false;
    for (RowExchange.Batch batch = exchange.take();
        batch != null && !isStopped();
        batch = exchange.take()) {
      any = true;
      accepted |= write(schema, batch) == WriteResult.ACCEPTED;
      exchange.written();
      services.states().copied(table, batch.rows().size(), batch.wireBytes());
      progress.written(batch.rows().size());
    }
    throwIfFailed(exchange, schema);
    if (!any && !isStopped()) {
      accepted = write(schema, new RowExchange.Batch(List.of(), 0, 0)) == WriteResult.ACCEPTED;
    }
    return accepted;
  }

  private static void throwIfFailed(RowExchange exchange, TableSchema schema) {
    Throwable failure = exchange.failure();
    if (failure instanceof EtlException known) {
      throw known;
    }
    if (failure != null) {
      throw new EtlException(
          ErrorKind.INTERNAL, "copying table " + schema.name() + " failed", failure);
    }
  }

  private WriteResult write(TableSchema schema, RowExchange.Batch batch)
      throws InterruptedException {
    Failpoint.BEFORE_ROWS_WRITTEN.reached();
    WriteResult result = delivery.write(schema, batch.rows());
    Failpoint.AFTER_ROWS_WRITTEN.reached();
    return result;
  }

  private void catchUp() throws InterruptedException {
    CatchUp stream = new CatchUp(services, workers, table, slot, this::isStopped);
    catchUp = stream;
    try {
      Optional<Lsn> reached = stream.run();
      if (reached.isPresent() && services.handOver().agree(table)) {
        handOver(reached.get());
      } else if (reached.isPresent()) {
        LOG.info("table {} was slow to catch up, it goes on", services.states().name(table));
        services.states().set(table, new FinishedCopy());
      }
    } finally {
      catchUp = null;
      services.handOver().withdraw(table);
    }
  }

  private void handOver(Lsn position) throws InterruptedException {
    Failpoint.BEFORE_SYNC_DONE.reached();
    remember(new SyncDone(position));
    services.handOver().done(table, position);
    Failpoint.AFTER_SYNC_DONE.reached();
    dropSlot();
    Failpoint.AFTER_SYNC_SLOT_DROPPED.reached();
  }

  /**
   * Stores where the main stream takes over, however long the store is away. It may have done so
   * without saying it; until that is known the main stream has to wait, as the two have agreed, or
   * the next start would take the table up from a place that has been passed by.
   */
  private void remember(SyncDone done) throws InterruptedException {
    new Attempts(services.backoff().unlimited(), delivery)
        .run(() -> services.states().set(table, done));
  }

  /** The slot is of no use any more; if it cannot be dropped now, the next start drops it. */
  void dropSlot() {
    try {
      services.source().dropSlot(slot);
      services.store().deleteReplicationProgress(slot);
    } catch (EtlException e) {
      LOG.warn(
          "replication slot {} could not be dropped, the next start will do it: {}",
          slot,
          e.getMessage());
    }
  }

  /**
   * Ends it from another thread: closes its connections, so that it returns once the destination
   * does. The main stream does not wait for it any longer, unless the two have agreed.
   */
  void stop() {
    delivery.stop();
    copier.abort();
    services.handOver().withdraw(table);
  }

  /** Gives up waiting for the destination. */
  void giveUp() {
    CatchUp streaming = catchUp;
    if (streaming != null) {
      streaming.abort();
    }
  }

  boolean isStopped() {
    return delivery.isStopped();
  }
}
