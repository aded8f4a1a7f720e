package dev.pgetl.store.memory;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link PersistentLayer} with its cache: the layer is written first, in an order that the cache
 * follows. After a failed write the cache is read again before the next one. Thread-safe.
 */
final class CachedLayer {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryStore.class);
  private static final int STRIPES = 64;

  private final PersistentLayer layer;
  private final StoreState cache;

  /**
   * The sections whose cache is known to equal the layer; removed by a thread that shares the gate.
   */
  private final Set<StoreSection> loaded = ConcurrentHashMap.newKeySet();

  /**
   * Shared by writes about one table or slot; held alone by loading and by changes to many tables.
   */
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock(true);

  /** Orders the writes about one table or slot. */
  private final List<Object> stripes =
      Stream.generate(Object::new).limit(STRIPES).collect(Collectors.toUnmodifiableList());

  CachedLayer(PersistentLayer layer, StoreState cache) {
    this.layer = layer;
    this.cache = cache;
  }

  /**
   * Writes a change about one table or slot; those about others may be written at the same time.
   *
   * @param key the table or slot
   * @param sections which the change may concern
   * @param needed whether it would change anything; asked when no other write about the key runs
   * @return whether it was needed
   */
  boolean write(
      StoreChange change, Object key, Set<StoreSection> sections, BooleanSupplier needed) {
    List<StoreChange> written =
        inTurn(
            gate.readLock(),
            Math.floorMod(key.hashCode(), STRIPES),
            sections,
            () -> needed.getAsBoolean() ? List.of(change) : List.of());
    return !written.isEmpty();
  }

  /**
   * Writes changes about any tables; nothing is written at the same time.
   *
   * @param sections which they may concern
   * @param needed those that change anything; asked when no other write runs
   * @return what was needed
   */
  <T extends StoreChange> List<T> writeAlone(Set<StoreSection> sections, Supplier<List<T>> needed) {
    return inTurn(gate.writeLock(), 0, sections, needed);
  }

  /**
   * Runs a write behind the gate, with a cache of its sections that is known to equal the layer.
   * The write it waited for may have failed, so that is checked once the stripe is its own.
   */
  private <T extends StoreChange> List<T> inTurn(
      Lock turn, int stripe, Set<StoreSection> sections, Supplier<List<T>> needed) {
    while (true) {
      for (StoreSection section : sections) {
        if (!loaded.contains(section)) {
          int unused = load(section);
        }
      }
      turn.lock();
      try {
        synchronized (stripes.get(stripe)) {
          if (loaded.containsAll(sections)) {
            List<T> changes = needed.get();
            persist(List.copyOf(changes), sections);
            return changes;
          }
        }
      } finally {
        turn.unlock();
      }
    }
  }

  private void persist(List<StoreChange> changes, Set<StoreSection> sections) {
    boolean known = false;
    try {
      if (changes.size() == 1) {
        layer.write(changes.get(0));
      } else if (!changes.isEmpty()) {
        layer.writeAll(changes);
      }
      changes.forEach(cache::apply);
      known = true;
    } finally {
      if (!known) {
        loaded.removeAll(sections);
      }
    }
  }

  /**
   * Reads a section of the cache again.
   *
   * @return how many entries it has
   */
  int load(StoreSection section) {
    gate.writeLock().lock();
    try {
      StoreState persistent = new StoreState();
      layer.read(persistent::apply);
      int count = persistent.size(section);
      cache.replace(section, persistent);
      loaded.add(section);
      LOG.debug("loaded {}: {}", section, count);
      return count;
    } finally {
      gate.writeLock().unlock();
    }
  }
}
