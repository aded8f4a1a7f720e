package dev.pgetl.internal.runtime.rows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.CopyLimit;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.estimate.CopyMeter;
import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.runtime.UnusedDestination;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.SyncRun;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.RecordedLog;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.CopyStatus;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said of all copies together. */
class CopyReportTest {
  private static final long MEBIBYTE = 1 << 20;
  private static final long LARGE = 100 * MEBIBYTE;
  private static final TableName LEFT_OUT = new TableName("public", "t99");

  private final ManualPlatform clock = new ManualPlatform(0);
  private final CopyLimit limit = CopyLimit.ofBytesPerSecond(0);
  private final PipelineConfig config =
      PipelineConfig.builder(
              "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
          .maxTableSyncWorkers(1)
          .tableCopy(TableCopyConfig.except(Set.of(LEFT_OUT)).limitedTo(limit))
          .build();
  private final StreamResources resources =
      StreamResources.of(config, new Worker.Factory("shop", clock, problem -> {}));
  private final Tables tables =
      new Tables(
          new PipelineContext(
              config,
              new PlainStore(),
              new UnusedDestination(),
              PipelineListener.NONE,
              new UnusedSource(),
              () -> {
                throw new UnsupportedOperationException();
              },
              clock));
  private final CopyReport report = new CopyReport(config, resources, tables);

  /** A worker that does nothing. */
  private static final class Working implements SyncRun {
    @Override
    public void stop() {}

    @Override
    public void giveUp() {}

    @Override
    public boolean cancel() {
      return true;
    }

    @Override
    public boolean await(long nanos) {
      return true;
    }
  }

  private Table table(int id, TableReplicationPhase phase, long size, long planned) {
    TableId tableId = new TableId(id);
    tables.known(tableId, new TableName("public", "t" + id), phase);
    Table table = Objects.requireNonNull(tables.find(tableId));
    table.notes().copy().sized(size, planned);
    return table;
  }

  /** {@return a table whose copy has begun} */
  private Table running(int id, long size, double rows) {
    Table table = table(id, new DataSync(), size, -1);
    table.syncRun(new Working());
    begins(table, rows);
    return table;
  }

  private static void begins(Table table, double rows) {
    TableSchema version = TableSchema.builder(table.id(), table.name()).build();
    table.notes().copyBegins(version, Math.round(rows));
    table.notes().copy().sampled(RowSpread.of(List.of(rows)), false);
  }

  /** The destination takes 1,000 rows of 100 bytes in a second. */
  private void copy(Table table, int seconds) {
    CopyMeter meter = resources.costs().newMeter();
    meter.begin();
    for (int second = 0; second < seconds; second++) {
      clock.advance(Duration.ofSeconds(1));
      table.copied(1_000, 100_000);
      table.notes().copy().spent(meter.copied(1_000, 100_000, limit.bytesPerSecond()));
    }
    meter.end();
  }

  @Test
  void saysNothingWithoutCopies() {
    Table unused = table(1, new Ready(), LARGE, 1_000);

    assertThat(report.status()).isEqualTo(CopyStatus.builder().remaining(Duration.ZERO).build());
  }

  @Test
  void tablesThatWaitCountWithTheirStatistics() {
    Table unused = table(1, new Init(), LARGE, 5_000);
    Table unusedToo = table(2, new Init(), LARGE, 7_000);

    assertThat(report.status())
        .isEqualTo(
            CopyStatus.builder()
                .tables(2)
                .tablesLeft(2)
                .expectedRows(12_000)
                .expectedBytes(2 * LARGE)
                .build());
  }

  @Test
  void aCopySaysHowLongItTakes() {
    Table table = running(1, LARGE, 100_000);
    copy(table, 10);

    CopyStatus status = report.status();

    assertThat(status.copiedRows()).isEqualTo(10_000);
    assertThat(status.copiedBytes()).isEqualTo(1_000_000);
    assertThat(status.expectedRows()).isEqualTo(100_000);
    assertThat(status.expectedBytes()).isEqualTo(10_000_000);
    assertThat(status.remaining()).contains(Duration.ofSeconds(90));
  }

  /** Its first half was copied by another process, in no time of this one. */
  @Test
  void whatWasCopiedBeforeIsDoneAndSaysNothingOfTheSpeed() {
    Table table = running(1, LARGE, 100_000);
    table.notes().copy().kept(50_000, 5_000_000);
    copy(table, 10);

    assertThat(report.status().copiedRows()).isEqualTo(60_000);
    assertThat(report.status().remaining()).contains(Duration.ofSeconds(40));
  }

  @Test
  void aTableThatIsCopiedCountsUntilOthersBegin() {
    Table done = table(1, new FinishedCopy(), LARGE, -1);
    begins(done, 2_000);
    copy(done, 3);
    Table unused = table(2, new Init(), LARGE, 5_000);
    assertThat(report.status().tables()).isEqualTo(2);
    assertThat(report.status().tablesLeft()).isEqualTo(1);
    assertThat(report.status().copiedRows()).isEqualTo(3_000);

    done.notes().copy().leaveOut();

    assertThat(report.status().tables()).isEqualTo(1);
    assertThat(report.status().copiedRows()).isZero();
    assertThat(done.status().copiedRows()).isEqualTo(3_000);
  }

  @Test
  void tablesThatAreNotCopiedDoNotCount() {
    Table unused = table(99, new Init(), LARGE, 5_000);
    Table failed =
        table(
            1,
            new Errored("no", "", RetryDirective.MANUAL, 1, ErrorKind.SOURCE_DATA),
            LARGE,
            5_000);
    begins(failed, 1_000);

    assertThat(report.status().tables()).isZero();
  }

  @Test
  void aTableThatIsRetriedWaits() {
    Table unused =
        table(
            1, new Errored("no", "", RetryDirective.TIMED, 1, ErrorKind.SOURCE_BUSY), LARGE, 5_000);

    assertThat(report.status().tablesLeft()).isEqualTo(1);
    assertThat(report.status().expectedRows()).isEqualTo(5_000);
  }

  @Test
  void aLimitSaysHowLongItTakes() {
    Table table = running(1, LARGE, 100_000);
    copy(table, 20);

    limit.bytesPerSecond(50_000);
    assertThat(report.status().remaining()).contains(Duration.ofSeconds(160));
    limit.bytesPerSecond(0);
    assertThat(report.status().remaining()).contains(Duration.ofSeconds(80));
  }

  @Test
  void theLogSaysHowFarTheCopiesAre() {
    try (RecordedLog log = new RecordedLog(CopyReport.class)) {
      report.log();
      Table done = table(1, new FinishedCopy(), LARGE, -1);
      begins(done, 10_000);
      copy(done, 10);
      Table table = running(2, LARGE, 100_000);
      report.log();
      copy(table, 10);
      report.log();

      assertThat(log.lines())
          .containsExactly(
              "copies: 1 of 2 tables, 10000 of about 110000 rows, 1 of about 2 MB (50%), about 55 s left",
              "copies: 1 of 2 tables, 20000 of about 110000 rows, 2 of about 11 MB (18%), about 1 min 30 s left");
    }
  }
}
