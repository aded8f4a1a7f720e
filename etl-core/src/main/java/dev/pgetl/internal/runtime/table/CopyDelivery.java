package dev.pgetl.internal.runtime.table;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.SafeListener;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The destination's end of one table's copy: makes each call until it succeeds, or until the copy
 * is stopped. Owned by the table's worker, but for {@link #stop}.
 */
final class CopyDelivery implements Attempts.Pause {
  private final Destination destination;
  private final PipelineListener listener;
  private final Attempts attempts;
  private final Latch stop;

  CopyDelivery(
      Destination destination, PipelineListener listener, Backoff backoff, Platform platform) {
    this.destination = destination;
    this.listener = listener;
    this.stop = new Latch(platform);
    this.attempts = new Attempts(backoff, this);
  }

  void truncate(TableSchema table) throws InterruptedException {
    call(
        "truncating table " + table.name() + " in",
        () -> {
          destination.truncateTable(table);
          return WriteResult.DURABLE;
        });
  }

  WriteResult write(TableSchema table, List<TableRow> rows) throws InterruptedException {
    return call(
        "writing " + rows.size() + " rows of table " + table.name() + " to",
        () -> destination.writeTableRows(table, rows));
  }

  void flush() throws InterruptedException {
    call(
        "flushing",
        () -> {
          destination.flush();
          return WriteResult.DURABLE;
        });
  }

  /**
   * A call that comes back after the copy was stopped has no consequences: another worker may be at
   * the table by then, or another pipeline.
   */
  private WriteResult call(String doing, Supplier<@Nullable WriteResult> call)
      throws InterruptedException {
    String what = doing + " destination " + destination.name();
    WriteResult result = attempts.make(what, DestinationCall.of(call));
    if (isStopped()) {
      throw new InterruptedException("stopped while " + what);
    }
    return result;
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    SafeListener.retrying(listener, failure, attempt, delay);
  }

  @Override
  public boolean await(long nanos) throws InterruptedException {
    return !stop.await(nanos);
  }

  /** Ends the waiting between two attempts; for any thread. */
  void stop() {
    stop.open();
  }

  boolean isStopped() {
    return stop.isOpen();
  }
}
