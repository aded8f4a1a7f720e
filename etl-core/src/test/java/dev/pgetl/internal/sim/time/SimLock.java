package dev.pgetl.internal.sim.time;

import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import java.time.Duration;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * A reentrant lock between simulated threads. Taking it sometimes lets another thread run first.
 */
final class SimLock implements Lock {
  private final Scheduler scheduler;
  private final WaitQueue waiting;
  private @Nullable SimThread owner;
  private int holds;

  SimLock(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.waiting = scheduler.newQueue();
  }

  @Override
  public void lock() {
    scheduler.sometimesYield();
    acquire(1);
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    scheduler.sometimesYield();
    throwIfInterrupted();
    while (isTaken()) {
      Doing before = Movement.begin(Doing.AWAITS_LOCK);
      waiting.await(Long.MAX_VALUE, true);
      Movement.end(before);
      throwIfInterrupted();
    }
    hold(1);
  }

  private void acquire(int count) {
    while (isTaken()) {
      Doing before = Movement.begin(Doing.AWAITS_LOCK);
      waiting.await(Long.MAX_VALUE, false);
      Movement.end(before);
    }
    hold(count);
  }

  private boolean isTaken() {
    return owner != null && owner != Carrier.current();
  }

  private void hold(int count) {
    owner = Carrier.current();
    holds += count;
  }

  @Override
  public boolean tryLock() {
    if (isTaken()) {
      return false;
    }
    hold(1);
    return true;
  }

  @Override
  public boolean tryLock(long time, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void unlock() {
    if (Carrier.current().isDying()) {
      return;
    }
    if (owner != Carrier.current()) {
      throw new IllegalMonitorStateException("not the owner");
    }
    holds--;
    if (holds == 0) {
      owner = null;
      waiting.wakeAll();
    }
  }

  private static void throwIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  @Override
  public Condition newCondition() {
    return new SimCondition();
  }

  @SuppressWarnings("WaitNotInLoop") // whoever waits has the loop
  private final class SimCondition implements Condition {
    private final WaitQueue signals = scheduler.newQueue();

    private void suspend(long deadline, boolean interruptible) {
      if (owner != Carrier.current()) {
        throw new IllegalMonitorStateException("not the owner");
      }
      int held = holds;
      holds = 0;
      owner = null;
      waiting.wakeAll();
      Doing before = Movement.begin(Doing.AWAITS_WORK);
      signals.await(deadline, interruptible);
      Movement.end(before);
      acquire(held);
    }

    @Override
    public void await() throws InterruptedException {
      throwIfInterrupted();
      suspend(Long.MAX_VALUE, true);
      throwIfInterrupted();
    }

    @Override
    public void awaitUninterruptibly() {
      suspend(Long.MAX_VALUE, false);
    }

    @Override
    public long awaitNanos(long nanos) throws InterruptedException {
      throwIfInterrupted();
      long deadline = scheduler.deadline(nanos);
      suspend(deadline, true);
      throwIfInterrupted();
      return deadline - scheduler.now();
    }

    @Override
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
      return awaitNanos(unit.toNanos(time)) > 0;
    }

    @Override
    public boolean awaitUntil(Date deadline) throws InterruptedException {
      Duration left = Duration.between(scheduler.instant(), deadline.toInstant());
      return awaitNanos(left.toNanos()) > 0;
    }

    @Override
    public void signal() {
      signals.wakeOne();
    }

    @Override
    public void signalAll() {
      signals.wakeAll();
    }
  }
}
