package dev.pgetl.it.walk;

import java.util.ArrayList;
import java.util.List;

/** Shortens a walk that fails by leaving out steps. */
final class Shrinker {
  /** Tells whether a walk still fails in the same way. */
  interface Trial {
    boolean fails(Walk walk) throws Exception;
  }

  private final Trial trial;
  private final long deadline;

  /**
   * Creates a shrinker.
   *
   * @param nanos for how long it may try
   */
  Shrinker(Trial trial, long nanos) {
    this.trial = trial;
    this.deadline = System.nanoTime() + nanos;
  }

  /** {@return a walk that still fails} Leaves out halves, then quarters, down to single steps. */
  Walk shrink(Walk walk) throws Exception {
    Walk best = walk;
    for (int size = best.steps().size() / 2; size > 0; size /= 2) {
      best = without(best, size);
    }
    return best;
  }

  private Walk without(Walk walk, int size) throws Exception {
    Walk best = walk;
    int end = walk.steps().size();
    while (end > 0 && System.nanoTime() < deadline) {
      int begin = Math.max(0, end - size);
      List<Walk.Planned> fewer = new ArrayList<>(best.steps());
      fewer.subList(begin, end).clear();
      Walk candidate = best.with(fewer);
      if (trial.fails(candidate)) {
        best = candidate;
      }
      end = begin;
    }
    return best;
  }
}
