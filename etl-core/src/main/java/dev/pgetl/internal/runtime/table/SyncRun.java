package dev.pgetl.internal.runtime.table;

import dev.pgetl.internal.runtime.worker.Worker;
import java.time.Duration;

/**
 * A sync worker at work.
 *
 * @param worker its thread
 * @param sync what it does
 */
record SyncRun(Worker worker, TableSync sync) {
  /** How long it may take to end by itself, and then, after its interruption. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Asks it to end. */
  void stop() {
    sync.stop();
  }

  /** Gives up waiting for the destination. */
  void giveUp() {
    sync.giveUp();
    worker.interrupt();
  }

  /** {@return whether it ended; if not, the destination hangs in a call it made} */
  boolean cancel() throws InterruptedException {
    stop();
    if (worker.await(PATIENCE.toNanos())) {
      return true;
    }
    giveUp();
    return worker.await(PATIENCE.toNanos());
  }
}
