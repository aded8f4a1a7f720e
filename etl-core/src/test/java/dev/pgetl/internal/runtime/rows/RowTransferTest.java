package dev.pgetl.internal.runtime.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.copy.CopyLines;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.deliver.RowExchange;
import dev.pgetl.internal.estimate.CopyCosts;
import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.stream.StreamFormat;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.FakeSource;
import dev.pgetl.internal.runtime.table.FakeStateStore;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How the threads of a copy notice that the other end has failed. */
class RowTransferTest {
  private static final int ROW_BYTES = 64 << 20;
  private static final TableId ID = new TableId(7);
  private static final TableSchema TABLE =
      TableSchema.builder(ID, new TableName("s", "t"))
          .snapshotLsn(new Lsn(0x100))
          .columns(List.of(ColumnSchema.of("id", PgType.unknown(25))))
          .build();
  private static final TableRow ROW = CopyLines.read(TABLE, CopyLines.line(List.of("1")));

  private final EtlException refused =
      new EtlException(ErrorKind.DESTINATION_REJECTED, "the row is too large");

  private final class Refusing implements Destination {
    @Override
    public void truncateTable(TableSchema schema) {}

    @Override
    public WriteResult writeTableRows(TableSchema schema, List<TableRow> rows) {
      throw refused;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new UnsupportedOperationException();
    }
  }

  /** One large row. */
  private static final class OneRow implements TableCopy {
    @Override
    public List<Worker> workers() {
      return List.of(sink -> sink.accept(ROW, ROW_BYTES));
    }

    @Override
    public SourceFacts facts() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Lsn consistentPoint() {
      return new Lsn(0x100);
    }

    @Override
    public TableSchema schema() {
      return TABLE;
    }

    @Override
    public long estimatedRows() {
      return 1;
    }

    @Override
    public @Nullable RowSpread spread() {
      return null;
    }

    @Override
    public String shape() {
      return "";
    }

    @Override
    public List<KeyRange> ranges() {
      return List.of();
    }

    @Override
    public void close() {}

    @Override
    public void abort() {}
  }

  private final Worker.Factory workers = new Worker.Factory("shop", Platform.jvm(), e -> {});
  private final PipelineConfig config =
      PipelineConfig.builder(
              "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
          .build();
  private final PipelineContext context =
      new PipelineContext(
          config,
          new FakeStateStore(),
          new Refusing(),
          new PipelineListener() {},
          new FakeSource(id -> {}),
          () -> {
            throw new UnsupportedOperationException();
          },
          Platform.jvm());
  private final Table table = new Tables(context).add(ID, TABLE.name());

  /** One that reads a megabyte in a second. */
  private RowTransfer transfer() {
    Backoff backoff = new Backoff(Duration.ofMillis(1), 2, new Random(1));
    StreamResources resources =
        new StreamResources(
            new ByteBudget(1 << 30),
            new CopyPace(() -> 1 << 20, Platform.jvm()),
            new CopyCosts(Platform.jvm()),
            backoff,
            new CallGate(Platform.jvm()),
            new StreamFormat(ValueFormat.TEXT),
            workers);
    return new RowTransfer(
        table,
        new OneRow(),
        new RowExchange(config.batch(), resources.budget(), Platform.jvm(), 1, 1),
        resources,
        new CopyDelivery(
            context.destination(),
            table.trouble(),
            backoff,
            () -> {},
            resources.calls(),
            () -> false,
            Platform.jvm()),
        new CopyProgress(TABLE.name(), 1, 0, Platform.jvm()),
        TABLE,
        null);
  }

  /** The pace of such a row is a minute. */
  @Test
  void aWriteThatFailedEndsTheWaitForThePace() {
    FutureTask<Boolean> copied =
        new FutureTask<>(
            () -> {
              transfer().run();
              return true;
            });
    new Thread(copied, "sync").start();

    assertThat(catchThrowable(() -> copied.get(20, TimeUnit.SECONDS)))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isSameAs(refused);
  }
}
