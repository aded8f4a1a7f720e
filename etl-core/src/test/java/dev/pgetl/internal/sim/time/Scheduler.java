package dev.pgetl.internal.sim.time;

import dev.pgetl.internal.platform.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs one simulated thread at a time and decides, by a seed, which one is next. Time is virtual:
 * it jumps to the earliest deadline when all threads wait. The same seed gives the same run.
 *
 * <p>All methods but {@link #run} are for simulated threads; the baton that passes between them is
 * what makes fields visible.
 */
public final class Scheduler {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  /** One in so many locks lets another thread run first. */
  private static final int YIELD_ONE_IN = 24;

  /** Virtual nanoseconds that a question for the time takes: no loop over it is endless. */
  private static final long TICK_NANOS = 50;

  /** More than any history needs; a run that reaches it does not end. */
  private static final long MOST_SWITCHES = 1_000_000;

  private static final long REAL_SECONDS = 120;

  private final SplittableRandom random;
  private final List<SimThread> threads = new ArrayList<>();
  private final List<SimThread> ready = new ArrayList<>();
  private final Semaphore over = new Semaphore(0);
  private long now;
  private long switches;
  private @Nullable Throwable failure;

  public Scheduler(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /**
   * Runs a simulation from a real thread.
   *
   * @param direction what the director does; when it has ended, all other threads are ended
   * @throws AssertionError if all threads wait for ever, or one of them failed
   */
  public void run(Runnable direction) throws InterruptedException {
    SimThread director = newThread(new SimProcess("director"), () -> direct(direction));
    director.setName("director");
    director.start();
    director.carrier().giveBaton();
    if (!over.tryAcquire(REAL_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("a thread does not come to a wait" + stacks());
    }
    if (failure != null) {
      throw new AssertionError(failure.getMessage(), failure);
    }
  }

  private void direct(Runnable direction) {
    try {
      direction.run();
    } finally {
      threads.stream().filter(each -> each != Carrier.current()).forEach(SimThread::die);
    }
  }

  /** {@return a process without threads} */
  public SimProcess newProcess(String name) {
    return new SimProcess(name);
  }

  /** {@return what a process sees of time, threads and chance} */
  public Platform platform(SimProcess process) {
    return new SimulatedPlatform(this, process, random.split());
  }

  /** {@return a thread of a process that has not been started} */
  public Thread thread(SimProcess process, Runnable body) {
    return newThread(process, body);
  }

  /** {@return the name of the simulated thread that calls} */
  public static String caller() {
    return Carrier.current().getName();
  }

  SimThread newThread(SimProcess process, Runnable body) {
    requireAlive();
    return new SimThread(this, process, body);
  }

  /** Kills a process: none of its threads does anything any more. */
  public void kill(SimProcess process) {
    process.die();
    threads.stream().filter(each -> each.process() == process).forEach(SimThread::die);
    giveWay();
  }

  /**
   * {@return the process that calls}
   *
   * @throws ProcessDied if it was killed
   */
  public SimProcess requireAlive() {
    if (!(Thread.currentThread() instanceof Carrier)) {
      return new SimProcess("outside");
    }
    SimThread caller = Carrier.current();
    if (caller.isDying()) {
      throw new ProcessDied();
    }
    return caller.process();
  }

  /** {@return the virtual time in nanoseconds} */
  public long now() {
    return now;
  }

  long tick() {
    now += TICK_NANOS;
    return now;
  }

  /** {@return the virtual time of day} */
  public Instant instant() {
    return EPOCH.plusNanos(now);
  }

  /** {@return the time so many nanoseconds from now; {@link Long#MAX_VALUE} if that is too late} */
  public long deadline(long nanos) {
    return nanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + Math.max(0, nanos);
  }

  /** {@return the generator that decides everything} */
  public RandomGenerator random() {
    return random;
  }

  public WaitQueue newQueue() {
    return new WaitQueue(this);
  }

  /** Lets time pass for the calling thread; an interruption stays pending. */
  public void pause(long nanos) {
    block(deadline(nanos), false);
  }

  /** {@return whether so much time passed without an interruption, which stays pending} */
  public boolean pauseInterruptibly(long nanos) {
    block(deadline(nanos), true);
    return !Thread.currentThread().isInterrupted();
  }

  /** Lets other threads run that could. */
  public void giveWay() {
    block(now, false);
  }

  void sometimesYield() {
    if (random.nextInt(YIELD_ONE_IN) == 0) {
      giveWay();
    } else {
      requireAlive();
    }
  }

  void block(long deadline, boolean interruptible) {
    SimThread me = Carrier.current();
    if (me.isDying()) {
      throw new ProcessDied();
    }
    me.waitUntil(deadline, interruptible);
    SimThread next = next();
    if (next != me) {
      next.carrier().giveBaton();
      me.carrier().awaitBaton();
    }
    me.resumed();
  }

  void started(SimThread thread) {
    threads.add(thread);
    if (!thread.process().alive()) {
      thread.die();
    }
  }

  /** A thread has ended; its carrier passes the baton on. */
  void ended(SimThread thread, @Nullable Throwable cause) {
    threads.remove(thread);
    if (cause != null) {
      fail(cause);
    }
    if (threads.isEmpty()) {
      over.release();
    } else {
      next().carrier().giveBaton();
    }
  }

  private void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    threads.forEach(SimThread::die);
  }

  private SimThread next() {
    switches++;
    if (switches > MOST_SWITCHES && failure == null) {
      fail(new AssertionError("it does not end" + stacks()));
    }
    SimThread dying = firstDying();
    return dying == null ? nextAlive() : dying;
  }

  private @Nullable SimThread firstDying() {
    for (SimThread thread : threads) {
      if (thread.isDying()) {
        return thread;
      }
    }
    return null;
  }

  private SimThread nextAlive() {
    now += TICK_NANOS + random.nextInt(2_000);
    while (true) {
      ready.clear();
      long earliest = Long.MAX_VALUE;
      for (SimThread thread : threads) {
        if (thread.isReady(now)) {
          ready.add(thread);
        } else {
          earliest = Math.min(earliest, thread.deadline());
        }
      }
      if (!ready.isEmpty()) {
        return ready.get(random.nextInt(ready.size()));
      }
      if (earliest == Long.MAX_VALUE) {
        fail(new AssertionError("all threads wait for ever" + stacks()));
        return threads.get(0);
      }
      now = earliest;
    }
  }

  /** {@return what every thread is doing} */
  public String stacks() {
    StringBuilder text = new StringBuilder();
    for (SimThread thread : List.copyOf(threads)) {
      text.append("\n  ").append(thread.process()).append(' ').append(thread.getName());
      for (StackTraceElement frame : thread.carrier().getStackTrace()) {
        if (frame.getClassName().startsWith("dev.pgetl")
            && !frame.getClassName().contains(".sim.time.")) {
          text.append("\n      ").append(frame);
        }
      }
    }
    return text.toString();
  }
}
