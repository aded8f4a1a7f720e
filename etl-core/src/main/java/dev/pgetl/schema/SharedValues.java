package dev.pgetl.schema;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Has equal values be one object while any of them is in use: thousands of tables have few types,
 * and those of many tenants or days the same columns. Thread-safe.
 *
 * @param <T> an immutable type
 */
final class SharedValues<T> {
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<T, WeakReference<T>> known = new WeakHashMap<>();

  /** {@return the value that all equal ones share} */
  T of(T value) {
    synchronized (lock) {
      WeakReference<T> reference = known.get(value);
      T shared = reference == null ? null : reference.get();
      if (shared != null) {
        return shared;
      }
      known.put(value, new WeakReference<>(value));
      return value;
    }
  }
}
