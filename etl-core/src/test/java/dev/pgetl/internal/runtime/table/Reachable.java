package dev.pgetl.internal.runtime.table;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The objects of this library that can be reached from one of them. */
public final class Reachable {
  private static final String OURS = "dev.pgetl.";

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> next = new ArrayDeque<>();
  private final List<Class<?>> without;

  private Reachable(List<Class<?>> without) {
    this.without = without;
  }

  /**
   * {@return the names of their classes, each as often as there are objects}
   *
   * @param without objects of these types are not entered
   */
  public static List<String> classesFrom(Object root, Class<?>... without) {
    Reachable reachable = new Reachable(List.of(without));
    reachable.meet(root);
    while (!reachable.next.isEmpty()) {
      reachable.enter(reachable.next.pop());
    }
    return reachable.seen.stream()
        .map(found -> found.getClass().getName())
        .filter(name -> name.startsWith(OURS))
        .collect(Collectors.toUnmodifiableList());
  }

  private void meet(@Nullable Object found) {
    if (found != null
        && without.stream().noneMatch(type -> type.isInstance(found))
        && seen.add(found)) {
      next.push(found);
    }
  }

  private void enter(Object found) {
    if (found instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            meet(key);
            meet(value);
          });
    } else if (found instanceof Collection<?> collection) {
      collection.forEach(this::meet);
    } else if (found instanceof AtomicReference<?> reference) {
      meet(reference.get());
    } else if (found instanceof Object[] array) {
      for (int i = 0; i < array.length; i++) {
        meet(Array.get(array, i));
      }
    } else if (found.getClass().getName().startsWith(OURS) && !(found instanceof Enum)) {
      enterFields(found);
    }
  }

  private void enterFields(Object found) {
    for (Class<?> type = found.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          meet(valueOf(field, found));
        }
      }
    }
  }

  private static @Nullable Object valueOf(Field field, Object of) {
    if (!field.getDeclaringClass().getName().startsWith(OURS)) {
      return null;
    }
    try {
      field.setAccessible(true);
      return field.get(of);
    } catch (IllegalAccessException e) {
      throw new AssertionError(field.toString(), e);
    }
  }
}
