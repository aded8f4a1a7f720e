package dev.pgetl.internal.deliver;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.TransformingDestination;
import dev.pgetl.error.EtlException;
import dev.pgetl.quarantine.QuarantiningDestination;
import dev.pgetl.schema.TableSchema;
import java.util.Optional;

/** What a destination's transforms make of rows that a new version of a table changes. */
public final class Transformed {
  /** A destination of the runtime around one of the user. */
  public interface Wrapper {
    /** {@return the one inside} */
    Destination target();
  }

  private Transformed() {}

  /**
   * {@return why rows that were delivered before may differ; empty if they do not} Empty too if the
   * transform fails: so will the table, at its next event.
   *
   * @param destination of the pipeline
   * @param before the version before
   * @param next the new one
   */
  public static Optional<String> difference(
      Destination destination, TableSchema before, TableSchema next) {
    Destination inside = destination;
    while (inside instanceof Wrapper wrapper) {
      inside = wrapper.target();
    }
    if (inside instanceof QuarantiningDestination quarantining) {
      inside = quarantining.target();
    }
    if (!(inside instanceof TransformingDestination transforming)) {
      return Optional.empty();
    }
    try {
      return transforming.difference(before, next);
    } catch (EtlException e) {
      return Optional.empty();
    }
  }
}
