package dev.pgetl.internal.runtime.replica;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.Rivals;
import java.util.concurrent.TimeUnit;

/**
 * Has a write wait in place while the store is away, for as long as the lease cannot be renewed: a
 * copy keeps its snapshot meanwhile. Thread-safe.
 */
final class Patience implements Rivals {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** The store answers to the lease but not to this: the caller decides. */
  private static final int MOST_ATTEMPTS = 20;

  private final Tenure tenure;
  private final Latch ending;
  private final Platform platform;

  /**
   * Creates it.
   *
   * @param ending opens when the pipeline was asked to end
   */
  Patience(Tenure tenure, Latch ending, Platform platform) {
    this.tenure = tenure;
    this.ending = ending;
    this.platform = platform;
  }

  @Override
  public boolean isLoss(EtlException failure) {
    return Term.isLoss(failure);
  }

  @Override
  public boolean awaitStore(EtlException failure, int attempt) throws InterruptedException {
    if (failure.kind() != ErrorKind.STORE_UNAVAILABLE
        || failure.retry() != RetryDirective.TIMED
        || (attempt > MOST_ATTEMPTS && !tenure.isSuspended())) {
      return false;
    }
    do {
      boolean unused = new Latch(platform).await(POLL_NANOS);
    } while (tenure.isSuspended() && mayContinue());
    return mayContinue();
  }

  private boolean mayContinue() {
    return !tenure.isOver() && !ending.isOpen();
  }
}
