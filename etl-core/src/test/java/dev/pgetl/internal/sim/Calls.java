package dev.pgetl.internal.sim;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.SimProcess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Calls that take time and go wrong as planned. */
final class Calls {
  private static final long SHORT_NANOS = Duration.ofMillis(3).toNanos();
  private static final long LONG_NANOS = Duration.ofSeconds(20).toNanos();

  private final Scheduler scheduler;
  private final ErrorKind failure;
  private final Queue<Fault> planned = new ArrayDeque<>();
  private final List<Named> named = new ArrayList<>();
  private @Nullable String slow;
  private long slowNanos;

  /** What goes wrong with a call of some name, counted down to it. */
  private static final class Named {
    private final String call;
    private final Fault fault;
    private int left;

    private Named(String call, int left, Fault fault) {
      this.call = call;
      this.left = left;
      this.fault = fault;
    }

    private boolean isDue(String what) {
      return call.equals(what) && --left == 0;
    }
  }

  /** What a call does; {@code half} asks for the first part of it only. */
  interface Act {
    void run(boolean half);
  }

  Calls(Scheduler scheduler, ErrorKind failure) {
    this.scheduler = scheduler;
    this.failure = failure;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  /** The next calls go wrong; the others in between do not. */
  void plan(Fault fault, int times, int apart) {
    for (int i = 0; i < times; i++) {
      for (int j = 0; j < apart; j++) {
        planned.add(Fault.NONE);
      }
      planned.add(fault);
    }
  }

  /** The call of that name goes wrong that comes so many calls of it from now, 1 for the next. */
  void plan(String call, int number, Fault fault) {
    named.add(new Named(call, number, fault));
  }

  /** {@return whether all that was planned for calls by name has happened} */
  boolean allHappened() {
    return named.isEmpty();
  }

  /** The next call of that name takes so long before it acts. */
  void delay(String call, long nanos) {
    slow = call;
    slowNanos = nanos;
  }

  /** {@return whether the delayed call has begun} */
  boolean delayed() {
    return slow == null;
  }

  /** From now on everything succeeds. */
  void heal() {
    planned.clear();
  }

  void make(String what, Act act) {
    Fault fault = next(what);
    RandomGenerator random = scheduler.random();
    scheduler.pause(random.nextLong(SHORT_NANOS));
    if (what.equals(slow)) {
      slow = null;
      scheduler.pause(slowNanos);
    }
    switch (fault) {
      case BEFORE -> throw failed(what);
      case HANG -> hang(what);
      case DIE_BEFORE -> die();
      default -> act.run(fault == Fault.HALF);
    }
    switch (fault) {
      case AFTER, HALF -> throw failed(what);
      case LATE -> scheduler.pause(random.nextLong(LONG_NANOS));
      case DIE_AFTER -> die();
      default -> scheduler.pause(random.nextLong(SHORT_NANOS));
    }
  }

  private Fault next(String what) {
    for (Named each : List.copyOf(named)) {
      if (each.isDue(what)) {
        named.remove(each);
        return each.fault;
      }
    }
    return planned.isEmpty() ? Fault.NONE : planned.remove();
  }

  private void hang(String what) {
    boolean unused = scheduler.pauseInterruptibly(scheduler.random().nextLong(LONG_NANOS));
    throw failed(what);
  }

  private void die() {
    SimProcess self = scheduler.requireAlive();
    scheduler.kill(self);
  }

  private EtlException failed(String what) {
    return new EtlException(failure, what + " failed");
  }
}
