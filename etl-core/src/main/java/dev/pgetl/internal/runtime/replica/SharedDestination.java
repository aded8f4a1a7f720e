package dev.pgetl.internal.runtime.replica;

import dev.pgetl.destination.Destination;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.Worker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The destination of a process through all its tenures: started once, closed once. Calls that were
 * given up may return much later; no tenure begins before they have. Thread-safe.
 */
final class SharedDestination {
  private static final Logger LOG = LoggerFactory.getLogger(SharedDestination.class);

  private final Destination target;
  private final AtomicInteger calls = new AtomicInteger();
  private volatile boolean begun;
  private volatile boolean started;

  SharedDestination(Destination target) {
    this.target = target;
  }

  Destination target() {
    return target;
  }

  /** Starts it; one that has failed to start is started again by the next tenure. */
  void startup() {
    begun = true; // whatever it has opened has to be closed, also if it fails
    target.startup();
    started = true;
  }

  /** {@return whether it was started} */
  boolean isStarted() {
    return started;
  }

  void begins() {
    calls.incrementAndGet();
  }

  void ended() {
    calls.decrementAndGet();
  }

  /** {@return whether a call is in progress} */
  boolean isBusy() {
    return calls.get() > 0;
  }

  /**
   * Closes it, if its start was attempted. It may write what it was given until then, so others
   * begin afterwards.
   *
   * @param patience how long that may take
   * @param keeper keeps the lease meanwhile
   */
  void close(Worker.Factory workers, Duration patience, LeaseKeeper keeper) {
    if (!begun) {
      return;
    }
    String what = "closing destination " + target.name();
    Worker closer = workers.start("close", DestinationCall.of(what, this::close)::make);
    try {
      if (!await(closer, workers.platform(), patience, keeper)) {
        LOG.warn("destination {} did not close in {}", target.name(), patience);
        closer.interrupt();
      }
    } catch (InterruptedException e) {
      closer.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void close() {
    Doing before = Movement.begin(Doing.AWAITS_DESTINATION);
    try {
      target.close();
    } finally {
      Movement.end(before);
    }
  }

  private static boolean await(
      Worker closer, Platform platform, Duration patience, LeaseKeeper keeper)
      throws InterruptedException {
    long until = platform.nanos() + patience.toNanos();
    long interval = keeper.interval().toNanos();
    long left = patience.toNanos();
    while (!closer.await(Math.min(interval, left))) {
      left = until - platform.nanos();
      if (left <= 0) {
        return false;
      }
      keeper.renewWhileClosing();
    }
    return true;
  }
}
