package dev.pgetl.examples.quickstart;

import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.memory.StoreChange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that logs what it remembers: a cache over a simulated persistent layer. Its state ends
 * with the process; give {@code MemoryStore} a {@code FileLayer} to keep it.
 */
final class LoggingStore extends MemoryStore {
  private static final Logger LOG = LoggerFactory.getLogger(LoggingStore.class);

  @Override
  protected void afterWrite(StoreChange change) {
    LOG.info("remembered: {}", change.getClass().getSimpleName());
  }
}
