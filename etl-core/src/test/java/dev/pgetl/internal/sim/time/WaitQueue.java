package dev.pgetl.internal.sim.time;

import java.util.ArrayDeque;

/** Simulated threads that wait for the same thing. */
public final class WaitQueue {
  private final Scheduler scheduler;
  private final ArrayDeque<SimThread> waiting = new ArrayDeque<>();

  WaitQueue(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * Waits until woken, until a time, or, if wanted, until interrupted.
   *
   * @param deadline {@link Long#MAX_VALUE} for no limit
   */
  public void await(long deadline, boolean interruptible) {
    SimThread me = Carrier.current();
    waiting.add(me);
    try {
      scheduler.block(deadline, interruptible);
    } finally {
      waiting.remove(me);
    }
  }

  public void wakeAll() {
    waiting.forEach(SimThread::wake);
    waiting.clear();
  }

  void wakeOne() {
    SimThread first = waiting.poll();
    if (first != null) {
      first.wake();
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
