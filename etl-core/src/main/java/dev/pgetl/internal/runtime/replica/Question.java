package dev.pgetl.internal.runtime.replica;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.runtime.PipelineEngine;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Something that is waited for through all tenures: whichever engine works is asked. */
@FunctionalInterface
interface Question {
  /** How long another engine may go unnoticed. */
  long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** {@return whether it became true in time} */
  boolean ask(PipelineEngine engine, Duration limit) throws InterruptedException;

  /**
   * {@return whether it became true in time}
   *
   * @param current answers which term there is
   * @param terminated ends the wait
   */
  default boolean await(
      Duration limit, Supplier<@Nullable Term> current, Latch terminated, Platform platform)
      throws InterruptedException {
    long until = platform.nanos() + Ticker.nanos(limit);
    while (!terminated.isOpen()) {
      long left = Math.min(TICK_NANOS, until - platform.nanos());
      if (left <= 0) {
        return false;
      }
      Term term = current.get();
      if (term != null && term.works()) {
        long askedAt = platform.nanos();
        if (isTrue(term, Duration.ofNanos(left))) {
          return true;
        }
        left -= platform.nanos() - askedAt;
        if (left > 0 && term.works() && term.failure() == null) {
          return false; // it will not become true, however long that is waited for
        }
      }
      if (left > 0) {
        boolean unused = terminated.await(left);
      }
    }
    return false;
  }

  /** What fails because the engine ends is asked again of the next one, or is the failure. */
  private boolean isTrue(Term term, Duration limit) throws InterruptedException {
    try {
      return ask(term.engine(), limit);
    } catch (EtlException e) {
      return false;
    }
  }
}
