package dev.pgetl.internal.runtime.rows;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.estimate.CopyEstimate;
import dev.pgetl.internal.estimate.TableLoad;
import dev.pgetl.internal.estimate.TableLoad.Stage;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.observe.CopyStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports how far all copies of a pipeline are together, and how long the rest of them will take.
 * Thread-safe.
 */
public final class CopyReport {
  private static final Logger LOG = LoggerFactory.getLogger(CopyReport.class);
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final double MEGABYTE = 1e6;
  private static final int MILLIS = 1_000;

  private final PipelineConfig config;
  private final StreamResources resources;
  private final Tables tables;

  /** Creates the report of a pipeline. */
  public CopyReport(PipelineConfig config, StreamResources resources, Tables tables) {
    this.config = config;
    this.resources = resources;
    this.tables = tables;
  }

  /** {@return how far the copies are} */
  public CopyStatus status() {
    CopyEstimate estimate = estimate();
    return CopyStatus.builder()
        .tables(estimate.tables())
        .tablesLeft(estimate.left())
        .copiedRows(estimate.rows())
        .expectedRows(estimate.expectedRows())
        .copiedBytes(estimate.bytes())
        .expectedBytes(estimate.expectedBytes())
        .remaining(
            estimate.seconds() < 0
                ? null
                : Duration.ofMillis(Math.round(estimate.seconds() * MILLIS)))
        .build();
  }

  private CopyEstimate estimate() {
    List<TableLoad> loads = tables.all().stream().flatMap(table -> load(table).stream()).toList();
    return CopyEstimate.of(
        loads,
        resources.costs(),
        new CopyEstimate.Means(
            config.maxTableSyncWorkers(),
            config.maxTablesPerSyncWorker(),
            resources.pace().limit()));
  }

  /** {@return what is known of a table's copy; empty if it has none} */
  private Optional<TableLoad> load(Table table) {
    if (!config.tableCopy().copies(table.firstName())) {
      return Optional.empty();
    }
    boolean together =
        config.maxTablesPerSyncWorker() > 1
            && !table.notes().isCopiedAlone()
            && table.notes().copy().bytesOnDisk() <= TableCopier.SMALL_BYTES;
    return stage(table).map(stage -> table.notes().copy().load(stage, together));
  }

  private static Optional<Stage> stage(Table table) {
    boolean counts = table.notes().copy().counts();
    if (table.life().isCopied()) {
      return counts ? Optional.of(Stage.DONE) : Optional.empty();
    }
    if (!table.life().mayRetry()) {
      return Optional.empty();
    }
    return Optional.of(counts && table.syncRun() != null ? Stage.RUNNING : Stage.WAITING);
  }

  /** From now on logs once a minute how far the copies are, if there are any. */
  public void logFrom(TaskTimer timer) {
    timer.later(
        INTERVAL,
        () -> {
          log();
          logFrom(timer);
        });
  }

  void log() {
    CopyStatus now = status();
    if (now.tablesLeft() == 0) {
      return;
    }
    LOG.info(
        "copies: {} of {} tables, {} of about {} rows, {} of about {} MB ({}%){}",
        now.tables() - now.tablesLeft(),
        now.tables(),
        now.copiedRows(),
        now.expectedRows(),
        Math.round(now.copiedBytes() / MEGABYTE),
        Math.round(now.expectedBytes() / MEGABYTE),
        now.copiedBytes() * 100 / Math.max(1, now.expectedBytes()),
        now.remaining().map(left -> ", about " + CopyProgress.text(left) + " left").orElse(""));
  }
}
