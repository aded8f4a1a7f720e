package dev.pgetl.internal.platform;

import java.time.Instant;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;

/** What the JVM offers. Thread-safe. */
final class JvmPlatform implements Platform {
  static final JvmPlatform INSTANCE = new JvmPlatform();

  private final ThreadFactory threads = Executors.defaultThreadFactory();
  private final RandomGenerator random = new Random();

  private JvmPlatform() {}

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Instant instant() {
    return Instant.now();
  }

  @Override
  public Lock newLock() {
    return new WatchedLock();
  }

  @Override
  public Thread newThread(Runnable body) {
    return threads.newThread(body);
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
