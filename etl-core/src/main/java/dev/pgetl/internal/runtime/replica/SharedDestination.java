package dev.pgetl.internal.runtime.replica;

import dev.pgetl.destination.Destination;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The destination of a process through all its tenures: started once, closed once. Calls that were
 * given up may return much later; no tenure begins before they have. Thread-safe.
 */
final class SharedDestination {
  private final Destination target;
  private final AtomicInteger calls = new AtomicInteger();
  private volatile boolean started;

  SharedDestination(Destination target) {
    this.target = target;
  }

  Destination target() {
    return target;
  }

  /** Starts it; one that has failed to start is started again by the next tenure. */
  void startup() {
    target.startup();
    started = true;
  }

  /** {@return whether it was started, and has to be closed} */
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
}
