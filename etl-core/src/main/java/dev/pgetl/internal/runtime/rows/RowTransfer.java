package dev.pgetl.internal.runtime.rows;

import dev.pgetl.destination.WriteResult;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.deliver.RowExchange;
import dev.pgetl.internal.deliver.Unexpected;
import dev.pgetl.internal.failpoint.Failpoint;
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
  private final CopyPace pace;
  private final CopyDelivery delivery;
  private final CopyProgress progress;

  /** Creates a transfer, which runs once. */
  public RowTransfer(
      Table table,
      TableCopy copy,
      RowExchange exchange,
      CopyPace pace,
      CopyDelivery delivery,
      CopyProgress progress) {
    this.table = table;
    this.copy = copy;
    this.exchange = exchange;
    this.pace = pace;
    this.delivery = delivery;
    this.progress = progress;
  }

  /**
   * Moves all rows, or those up to where the copy is stopped.
   *
   * @return whether the destination has merely accepted some of them
   */
  @SuppressWarnings("IllegalCatch") // whatever ends the writing ends the reading
  public boolean run(Worker.Factory workers) throws InterruptedException {
    List<TableCopy.Worker> connections = copy.workers();
    List<Worker> threads = new ArrayList<>();
    for (int i = 0; i < connections.size(); i++) {
      TableCopy.Worker connection = connections.get(i);
      threads.add(workers.start("copy-" + table.id() + "-" + i, () -> read(connection)));
    }
    try {
      return writeAll();
    } catch (RuntimeException | Error | InterruptedException e) {
      exchange.fail(e);
      copy.abort();
      throw e;
    } finally {
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
      connection.run(
          (row, bytes) -> {
            batcher.add(row, bytes);
            delivery.keep(pace, bytes);
          });
      batcher.finish();
    } catch (RuntimeException | Error e) {
      exchange.fail(e);
    } finally {
      batcher.close();
    }
  }

  private boolean writeAll() throws InterruptedException {
    boolean accepted = false;
    boolean any = false;
    for (RowExchange.Batch batch = exchange.take();
        batch != null && !delivery.isStopped();
        batch = exchange.take()) {
      any = true;
      accepted |= write(batch) == WriteResult.ACCEPTED;
      exchange.written();
      table.copied(batch.rows().size(), batch.wireBytes());
      progress.written(batch.rows().size());
    }
    throwIfFailed(exchange.failure());
    if (!any && !delivery.isStopped()) {
      accepted = write(new RowExchange.Batch(List.of(), 0, 0)) == WriteResult.ACCEPTED;
    }
    return accepted;
  }

  private void throwIfFailed(@Nullable Throwable failure) {
    if (failure != null) {
      throw Unexpected.failure("copying table " + table.name(), failure);
    }
  }

  private WriteResult write(RowExchange.Batch batch) throws InterruptedException {
    TableSchema schema = copy.schema();
    Failpoint.BEFORE_ROWS_WRITTEN.reached();
    WriteResult result = delivery.write(schema, batch.rows());
    table.notes().answered(schema);
    Failpoint.AFTER_ROWS_WRITTEN.reached();
    return result;
  }
}
