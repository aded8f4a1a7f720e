package dev.pgetl.internal.platform;

import java.time.InstantSource;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;

/**
 * The time, locks, threads and chance of one pipeline. Whatever may block a thread of the engine
 * blocks on a lock of this platform, in the source, in the store or in the destination.
 * Thread-safe.
 */
public interface Platform extends Ticker, InstantSource {
  /** {@return a new reentrant lock whose conditions may be waited for with a time limit} */
  Lock newLock();

  /**
   * {@return a new thread that has not been started}
   *
   * @param body what it runs
   */
  Thread newThread(Runnable body);

  /** {@return a generator for delays that should not coincide; thread-safe} */
  RandomGenerator random();

  /** {@return the platform of the JVM} */
  static Platform jvm() {
    return JvmPlatform.INSTANCE;
  }
}
