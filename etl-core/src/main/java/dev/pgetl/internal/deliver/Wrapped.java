package dev.pgetl.internal.deliver;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.TransformingDestination;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is inside a destination that wraps others. */
public final class Wrapped {
  /** A destination that names itself is not followed for ever. */
  private static final int DEPTH = 100;

  private Wrapped() {}

  /**
   * {@return the outermost destination of a class; null if there is none}
   *
   * @param outer a destination, which may be the one
   */
  public static <T extends Destination> @Nullable T find(Destination outer, Class<T> type) {
    Destination inside = outer;
    for (int i = 0; i < DEPTH && inside != null; i++) {
      if (type.isInstance(inside)) {
        return type.cast(inside);
      }
      inside = inside.wrapped().orElse(null);
    }
    return null;
  }

  /**
   * {@return why rows that were delivered before may differ after transforms; empty if they do not}
   * Empty too if the transform fails: so will the table, at its next event.
   *
   * @param outer the destination of the pipeline
   * @param before the version before
   * @param next the new one
   */
  public static Optional<String> difference(
      Destination outer, TableSchema before, TableSchema next) {
    TransformingDestination transforming = find(outer, TransformingDestination.class);
    try {
      return transforming == null ? Optional.empty() : transforming.difference(before, next);
    } catch (EtlException e) {
      return Optional.empty();
    }
  }
}
