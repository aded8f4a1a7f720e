package dev.pgetl.internal.runtime.rows;

import dev.pgetl.internal.runtime.table.SyncRun;
import dev.pgetl.internal.runtime.worker.Worker;
import java.time.Duration;

/**
 * A call of the destination that a table is left with: no further one follows it.
 *
 * @param worker the thread that made it
 */
record HangingRun(Worker worker) implements SyncRun {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** There is nothing to stop but the call itself. */
  @Override
  public void stop() {}

  @Override
  public void giveUp() {
    worker.interrupt();
  }

  @Override
  public boolean cancel() throws InterruptedException {
    giveUp();
    return await(PATIENCE.toNanos());
  }

  @Override
  public boolean await(long nanos) throws InterruptedException {
    return worker.await(nanos);
  }
}
