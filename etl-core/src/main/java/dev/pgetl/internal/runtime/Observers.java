package dev.pgetl.internal.runtime;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls listeners so that what they throw harms nobody. */
final class Observers {
  private static final Logger LOG = LoggerFactory.getLogger(Observers.class);

  private Observers() {}

  static void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.warn("a pipeline listener failed", e);
    }
  }
}
