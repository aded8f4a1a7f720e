package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls listeners so that what they throw harms nobody. */
final class Observers {
  private static final Logger LOG = LoggerFactory.getLogger(Observers.class);

  private Observers() {}

  /** A call of the destination or the store failed and is made again. */
  static void retrying(
      PipelineListener listener, EtlException failure, int attempt, Duration delay) {
    LOG.warn(
        "trying again in {} ms (attempt {}): {}", delay.toMillis(), attempt, failure.getMessage());
    tell(() -> listener.onRetry(failure, attempt, delay));
  }

  static void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.warn("a pipeline listener failed", e);
    }
  }
}
