package dev.pgetl.internal.runtime.rows;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.RowExchange;
import dev.pgetl.internal.estimate.CopyMeter;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.platform.Unexpected;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Refusals;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves the rows of one copy to the destination: a thread for each connection reads, the sync
 * worker writes. Owned by the sync worker's thread.
 */
public final class RowTransfer {
  private final Table table;
  private final TableCopy copy;
  private final RowExchange exchange;
  private final StreamResources resources;
  private final CopyDelivery delivery;
  private final CopyProgress progress;
  private final TableSchema version;
  private final @Nullable RangeProgress ranges;
  private final CopyMeter meter;
  private boolean accepted;

  /**
   * Creates a transfer, which runs once.
   *
   * @param version the version the rows have for the destination
   * @param ranges of a copy that goes by them; null for another
   */
  public RowTransfer(
      Table table,
      TableCopy copy,
      RowExchange exchange,
      StreamResources resources,
      CopyDelivery delivery,
      CopyProgress progress,
      TableSchema version,
      @Nullable RangeProgress ranges) {
    this.table = table;
    this.copy = copy;
    this.version = version;
    this.ranges = ranges;
    this.exchange = exchange;
    this.resources = resources;
    this.delivery = delivery;
    this.progress = progress;
    this.meter = resources.costs().newMeter();
  }

  /** Moves all rows, and makes them durable, or those up to where the copy is stopped. */
  @SuppressWarnings("IllegalCatch") // whatever ends the writing ends the reading
  public void run() throws InterruptedException {
    List<TableCopy.Worker> connections = copy.workers();
    List<Worker> threads = new ArrayList<>();
    for (int i = 0; i < connections.size(); i++) {
      TableCopy.Worker connection = connections.get(i);
      threads.add(
          resources.workers().start("copy-" + table.id() + "-" + i, () -> read(connection)));
    }
    meter.begin();
    try {
      writeAll();
    } catch (RuntimeException | Error | InterruptedException e) {
      exchange.fail(e);
      copy.abort();
      throw e;
    } finally {
      meter.end();
      exchange.close();
      for (Worker thread : threads) {
        thread.awaitUninterruptibly();
      }
    }
  }

  @SuppressWarnings("IllegalCatch") // an error concerns the table that is copied
  private void read(TableCopy.Worker connection) throws InterruptedException {
    RowExchange.Batcher batcher = exchange.batcher();
    try {
      connection.run(sink(batcher));
      batcher.finish();
    } catch (RuntimeException | Error e) {
      exchange.fail(e);
    } finally {
      batcher.close();
    }
  }

  private TableCopy.Sink sink(RowExchange.Batcher batcher) {
    return new TableCopy.Sink() {
      @Override
      public void accept(TableRow row, int wireBytes) throws InterruptedException {
        batcher.add(row, wireBytes);
        delivery.keep(resources.pace(), wireBytes, () -> exchange.failure() != null);
      }

      @Override
      public void begin(int number) {
        batcher.begin(number);
      }

      @Override
      public void end() throws InterruptedException {
        batcher.end();
      }
    };
  }

  private void writeAll() throws InterruptedException {
    boolean any = false;
    for (RowExchange.Batch batch = exchange.take();
        batch != null && !delivery.isStopped();
        batch = exchange.take()) {
      any |= !batch.rows().isEmpty();
      write(batch);
      exchange.written();
    }
    throwIfFailed(exchange.failure());
    boolean first = ranges == null || ranges.isFirst();
    if (!any && first && !delivery.isStopped()) {
      write(List.of());
    }
    if (!delivery.isStopped()) {
      makeDurable();
    }
  }

  /** A range is begun before its first row, and finished once its last one is durable. */
  private void write(RowExchange.Batch batch) throws InterruptedException {
    RangeProgress known = batch.isOfRange() ? ranges : null;
    if (!batch.rows().isEmpty()) {
      if (known != null) {
        known.begin(batch.range());
      }
      write(batch.rows());
      int rows = batch.rows().size();
      table.copied(rows, batch.wireBytes());
      progress.written(rows);
      table.notes().copy().spent(meter.copied(rows, batch.wireBytes(), resources.pace().limit()));
    }
    if (known != null) {
      known.written(batch.range(), batch.rows().size(), batch.wireBytes(), batch.last());
      if (known.waits()) {
        makeDurable();
      }
    }
  }

  private void makeDurable() throws InterruptedException {
    while (accepted) {
      accepted = !flush();
    }
    if (ranges != null && ranges.waits()) {
      Failpoint.BEFORE_RANGE_FINISHED.reached();
      ranges.durable();
      Failpoint.AFTER_RANGE_FINISHED.reached();
    }
  }

  /** {@return false to flush again, because another table fails for what was accepted of it} */
  private boolean flush() throws InterruptedException {
    try {
      delivery.flush();
      return true;
    } catch (EtlException e) {
      if (!Refusals.storeOfAnother(table, e)) {
        throw e;
      }
      return false;
    }
  }

  private void throwIfFailed(@Nullable Throwable failure) {
    if (failure != null) {
      throw Unexpected.failure("copying table " + table.name(), failure);
    }
  }

  private void write(List<TableRow> rows) throws InterruptedException {
    Failpoint.BEFORE_ROWS_WRITTEN.reached();
    accepted |= delivery.write(version, rows) == WriteResult.ACCEPTED;
    table.notes().answered(version);
    Failpoint.AFTER_ROWS_WRITTEN.reached();
  }
}
