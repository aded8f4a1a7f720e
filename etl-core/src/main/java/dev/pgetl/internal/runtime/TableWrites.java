package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.internal.runtime.table.Refusals;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Trouble;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Stores what the apply worker finds out about tables, on a thread of its own: a store that hangs
 * there holds up no stream. Thread-safe.
 */
final class TableWrites {
  private static final Duration MOMENT = Duration.ofMillis(100);
  private final Tables tables;
  private final StreamProgress progress;
  private final TaskTimer timer;
  private final Backoff backoff;
  private final Trouble trouble;
  private final AtomicBoolean settling = new AtomicBoolean();

  TableWrites(
      Tables tables, StreamProgress progress, TaskTimer timer, Backoff backoff, Trouble trouble) {
    this.tables = tables;
    this.progress = progress;
    this.timer = timer;
    this.backoff = backoff;
    this.trouble = trouble;
  }

  /** Has tables made {@code Ready} whose end the apply worker has reached. */
  void settle() {
    if (tables.isReached(progress.durable()) && settling.compareAndSet(false, true)) {
      write(
          () -> {
            settling.set(false);
            tables.settle(progress.durable());
          },
          Duration.ZERO,
          1);
    }
  }

  /** The destination refused a change of a table: it stands aside until it is resynced. */
  void refused(Table table, long generation, EtlException failure) {
    write(
        () -> {
          if (!Refusals.store(table, generation, failure)) {
            timer.later(MOMENT, () -> refused(table, generation, failure));
          }
        },
        Duration.ZERO,
        1);
  }

  private void write(Runnable write, Duration delay, int attempt) {
    timer.later(
        delay,
        () -> {
          try {
            write.run();
            trouble.over();
          } catch (EtlException e) {
            retry(write, e, attempt);
          }
        });
  }

  private void retry(Runnable write, EtlException failure, int attempt) {
    if (failure.retry() != RetryDirective.TIMED) {
      throw failure;
    }
    Duration delay = backoff.connecting().delay(attempt - 1);
    trouble.retrying(failure, attempt, delay);
    write(write, delay, attempt + 1);
  }
}
