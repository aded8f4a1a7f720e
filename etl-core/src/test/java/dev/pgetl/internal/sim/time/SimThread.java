package dev.pgetl.internal.sim.time;

import org.jspecify.annotations.Nullable;

/** A simulated thread: what the engine starts and interrupts. It runs on a {@link Carrier}. */
final class SimThread extends Thread {
  /** Whether a thread could go on. */
  enum State {
    READY,
    WAITING,
    /** Its process was killed: when it goes on, it unwinds. */
    DYING
  }

  private final Scheduler scheduler;
  private final SimProcess process;
  private final Runnable body;
  private State state = State.READY;
  private long deadline;
  private boolean interruptible;
  private boolean interruptPending;
  private @Nullable Carrier carrier;

  SimThread(Scheduler scheduler, SimProcess process, Runnable body) {
    this.scheduler = scheduler;
    this.process = process;
    this.body = body;
  }

  SimProcess process() {
    return process;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Carrier carrier() {
    Carrier present = carrier;
    if (present == null) {
      throw new IllegalStateException(getName() + " does not run");
    }
    return present;
  }

  /** Does, on its carrier, what the thread is for. */
  void perform() {
    body.run();
  }

  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // one thread runs at a time
  public void start() {
    carrier = Carrier.of(this);
    scheduler.started(this);
  }

  @Override
  public void interrupt() {
    if (carrier == Thread.currentThread()) {
      carrier.interrupt();
      return;
    }
    interruptPending = true;
    if (state == State.WAITING && interruptible) {
      state = State.READY;
    }
  }

  void waitUntil(long newDeadline, boolean mayBeInterrupted) {
    state = State.WAITING;
    deadline = newDeadline;
    interruptible = mayBeInterrupted;
    if (interruptible && Thread.currentThread().isInterrupted()) {
      state = State.READY;
    }
  }

  void wake() {
    if (state == State.WAITING) {
      state = State.READY;
    }
  }

  void die() {
    state = State.DYING;
  }

  boolean isDying() {
    return state == State.DYING;
  }

  boolean isReady(long now) {
    return state == State.READY || (state == State.WAITING && deadline <= now);
  }

  long deadline() {
    return deadline;
  }

  /** Called on its carrier when it goes on. */
  void resumed() {
    if (state == State.DYING) {
      throw new ProcessDied();
    }
    state = State.READY;
    if (interruptPending) {
      interruptPending = false;
      carrier().interrupt();
    }
  }
}
