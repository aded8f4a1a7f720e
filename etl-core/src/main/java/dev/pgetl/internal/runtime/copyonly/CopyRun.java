package dev.pgetl.internal.runtime.copyonly;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.rows.CopyReport;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.sync.SyncWorkers;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.PipelineRun;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What works for a pipeline that only copies: sync workers, and a thread that waits until no table
 * is left. Thread-safe.
 */
public final class CopyRun implements PipelineRun {
  private static final Logger LOG = LoggerFactory.getLogger(CopyRun.class);

  /** How many tables the failure names; the status has all of them. */
  private static final int MOST_NAMED = 10;

  /** Failures that are no table's own. */
  private static final Set<ErrorKind> AWAY =
      Set.of(
          ErrorKind.SOURCE_UNAVAILABLE, ErrorKind.SLOT_IN_USE, ErrorKind.DESTINATION_UNAVAILABLE);

  private final String pipeline;
  private final Tables tables;
  private final Platform platform;
  private final TaskTimer timer;
  private final SyncWorkers syncs;
  private final CopyReport copies;
  private final Latch stop;
  private final Worker waiting;

  /**
   * Starts to copy all tables.
   *
   * @param copied is called when all of them are; a failure ends the thread that waits
   */
  public CopyRun(
      PipelineContext context, StreamResources resources, Tables tables, Runnable copied) {
    PipelineConfig config = context.config();
    this.pipeline = config.id();
    this.tables = tables;
    this.platform = context.platform();
    this.timer = new TaskTimer("supervisor", resources.workers());
    this.stop = new Latch(platform);
    this.syncs = new SyncWorkers(context, resources, tables, (position, nanos) -> true, timer);
    this.copies = new CopyReport(config, resources, tables);
    this.waiting = resources.workers().start("copies", () -> awaitCopies(copied));
  }

  /** Has the workers begin. */
  public void begin() {
    List<Table> all = tables.all();
    LOG.info("pipeline {} copies {} tables and ends", pipeline, all.size());
    syncs.begin(all);
    copies.logFrom(timer);
  }

  private void awaitCopies(Runnable copied) throws InterruptedException {
    boolean over =
        tables.await(CopyRun::isOver, Long.MAX_VALUE, () -> stop.isOpen() || isHopeless());
    if (stop.isOpen()) {
      return;
    }
    List<Table> failed = tables.all().stream().filter(table -> !isCopied(table)).toList();
    if (!over || !failed.isEmpty()) {
      throw notCopied(failed);
    }
    LOG.info("pipeline {} has copied all tables", pipeline);
    copied.run();
  }

  private static boolean isCopied(Table table) {
    return table.phase() instanceof FinishedCopy;
  }

  private static boolean isOver(Table table) {
    return isCopied(table) || table.life().needsManualRetry();
  }

  /** What is away for one table, for as long as all of its retries take, is away for all. */
  private boolean isHopeless() {
    return tables.all().stream()
        .anyMatch(table -> table.life().needsManualRetry() && AWAY.contains(kind(table)));
  }

  private EtlException notCopied(List<Table> missing) {
    List<Table> failed = missing.stream().filter(table -> table.life().needsManualRetry()).toList();
    String named =
        failed.stream().limit(MOST_NAMED).map(CopyRun::described).collect(Collectors.joining("; "));
    return new EtlException(
            failed.stream()
                .map(CopyRun::kind)
                .filter(AWAY::contains)
                .findFirst()
                .orElse(kind(failed.get(0))),
            missing.size()
                + " of "
                + tables.all().size()
                + " tables were not copied: "
                + named
                + (missing.size() > Math.min(failed.size(), MOST_NAMED) ? "; and others" : ""))
        .withFix(Failed.ANOTHER_RUN);
  }

  private static ErrorKind kind(Table table) {
    ErrorKind kind = table.phase() instanceof Errored errored ? errored.kind() : null;
    return Objects.requireNonNullElse(kind, ErrorKind.INTERNAL);
  }

  private static String described(Table table) {
    if (!(table.phase() instanceof Errored errored)) {
      return table.name().toString();
    }
    String fix = errored.solution();
    boolean own = !fix.isEmpty() && !fix.equals(Failed.ANOTHER_RUN);
    return table.name() + ": " + errored.reason() + (own ? " (" + fix + ")" : "");
  }

  // ---- what may be asked of it ----

  @Override
  public PipelineStatus.Builder addTo(PipelineStatus.Builder status) {
    return status.copies(copies.status());
  }

  @Override
  public boolean awaitReady(long nanos, BooleanSupplier ended) throws InterruptedException {
    return tables.await(CopyRun::isCopied, nanos, ended);
  }

  @Override
  public boolean awaitApplied(
      Lsn position, Predicate<TableId> wanted, long nanos, BooleanSupplier ended) {
    throw onlyCopies("there is no stream to wait for");
  }

  @Override
  public void requireRunning(Lsn position) {
    throw onlyCopies("there is no stream to wait for");
  }

  @Override
  public void order(TableOrder order) {
    throw onlyCopies("another run copies its tables again");
  }

  private IllegalStateException onlyCopies(String instead) {
    return new IllegalStateException("pipeline " + pipeline + " only copies: " + instead);
  }

  // ---- the end ----

  @Override
  public void stop() {
    stop.open();
    timer.stop();
    timer.interrupt();
    syncs.stop();
  }

  @Override
  public boolean await(long nanos) throws InterruptedException {
    long until = platform.nanos() + nanos;
    return syncs.await(nanos)
        && timer.await(until - platform.nanos())
        && waiting.await(until - platform.nanos());
  }

  @Override
  public void giveUp() {
    syncs.giveUp();
  }
}
