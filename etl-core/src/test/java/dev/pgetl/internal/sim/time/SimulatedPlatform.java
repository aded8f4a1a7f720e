package dev.pgetl.internal.sim.time;

import dev.pgetl.internal.platform.Platform;
import java.time.Instant;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;

/** Time, locks, threads and chance of one simulated process. */
public final class SimulatedPlatform implements Platform {
  private final Scheduler scheduler;
  private final SimProcess process;
  private final RandomGenerator random;

  SimulatedPlatform(Scheduler scheduler, SimProcess process, RandomGenerator random) {
    this.scheduler = scheduler;
    this.process = process;
    this.random = random;
  }

  @Override
  public long nanos() {
    return scheduler.tick();
  }

  @Override
  public Instant instant() {
    return scheduler.instant();
  }

  @Override
  public Lock newLock() {
    return new SimLock(scheduler);
  }

  @Override
  public Thread newThread(Runnable body) {
    return scheduler.newThread(process, body);
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
