package dev.pgetl.internal.sim.time;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A real thread that runs simulated ones, one after the other, whenever it holds the baton. */
final class Carrier extends Thread {
  private static final ConcurrentLinkedDeque<Carrier> IDLE = new ConcurrentLinkedDeque<>();

  private volatile boolean baton;
  private volatile @Nullable SimThread job;

  private Carrier() {
    setDaemon(true);
    setName("carrier");
  }

  /** {@return a carrier that begins with a thread as soon as it gets the baton} */
  static Carrier of(SimThread thread) {
    Carrier idle = IDLE.pollFirst();
    Carrier carrier = idle == null ? new Carrier() : idle;
    carrier.job = thread;
    if (idle == null) {
      carrier.start();
    }
    return carrier;
  }

  /** {@return the simulated thread that calls} */
  static SimThread current() {
    SimThread job = Thread.currentThread() instanceof Carrier carrier ? carrier.job : null;
    if (job == null) {
      throw new IllegalStateException("not a simulated thread: " + Thread.currentThread());
    }
    return job;
  }

  @Override
  @SuppressWarnings("IllegalCatch") // whatever a simulated thread dies of, the baton goes on
  public void run() {
    while (true) {
      awaitBaton();
      SimThread running = current();
      Throwable cause = null;
      try {
        running.resumed();
        running.perform();
      } catch (ProcessDied e) {
        cause = null;
      } catch (Throwable e) {
        cause = e;
      }
      boolean unused = Thread.interrupted();
      job = null;
      IDLE.addFirst(this);
      running.scheduler().ended(running, cause);
    }
  }

  void giveBaton() {
    baton = true;
    LockSupport.unpark(this);
  }

  /** Waits for the baton; the carrier itself is interrupted only while it has it. */
  void awaitBaton() {
    while (!baton) {
      LockSupport.park(this);
    }
    baton = false;
  }
}
