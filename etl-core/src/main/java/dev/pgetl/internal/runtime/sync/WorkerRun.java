package dev.pgetl.internal.runtime.sync;

import dev.pgetl.internal.runtime.table.SyncRun;
import dev.pgetl.internal.runtime.worker.Worker;
import java.time.Duration;

/**
 * A sync worker at work.
 *
 * @param worker its thread
 * @param sync what it does
 */
record WorkerRun(Worker worker, Sync sync) implements SyncRun {
  /** How long it may take to end by itself, and then, after its interruption. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  @Override
  public void stop() {
    sync.stop();
  }

  @Override
  public void giveUp() {
    sync.giveUp();
    worker.interrupt();
  }

  @Override
  public boolean cancel() throws InterruptedException {
    stop();
    if (worker.await(PATIENCE.toNanos())) {
      return true;
    }
    giveUp();
    return worker.await(PATIENCE.toNanos());
  }

  @Override
  public boolean await(long nanos) throws InterruptedException {
    return worker.await(nanos);
  }
}
