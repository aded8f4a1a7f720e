package dev.pgetl.internal.sim;

import org.jspecify.annotations.Nullable;

/** Histories for those outside this package. */
public final class Histories {
  private Histories() {}

  /** {@return what must not happen and did in the history of a seed; null if all was well} */
  public static @Nullable String violation(long seed) throws InterruptedException {
    return RuntimeSimulation.run(seed).violation();
  }

  /** {@return the same for a history in which standbys of the source take over} */
  public static @Nullable String violationWithPromotions(long seed) throws InterruptedException {
    return RuntimeSimulation.runWithPromotions(seed).violation();
  }

  /** {@return what went wrong in a history in which an operator gives orders; null if nothing} */
  public static @Nullable String violationWithOrders(long seed) throws InterruptedException {
    return RuntimeSimulation.runWithOrders(seed).violation();
  }
}
