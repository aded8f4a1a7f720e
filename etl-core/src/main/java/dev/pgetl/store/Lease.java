package dev.pgetl.store;

import java.time.Duration;
import java.util.Objects;

/**
 * Who owns a pipeline, as its store knew it at one moment.
 *
 * @param owner the name of the owner; empty if the lease was given back, or never taken
 * @param epoch the epoch of the last owner; each has a greater one than all before; 0 if there was
 *     none
 * @param left how long the lease still lasts by the store's clock; zero if it has expired
 * @param inUse whether a session of some process uses the state: its owner is alive, as far as the
 *     store can know
 */
public record Lease(String owner, long epoch, Duration left, boolean inUse) {
  /** The lease of a pipeline that was never owned. */
  public static final Lease NONE = new Lease("", 0, Duration.ZERO, false);

  public Lease {
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(left, "left");
    if (left.isNegative()) {
      throw new IllegalArgumentException("left must not be negative, is " + left);
    }
  }

  /** {@return whether it was given back, or never taken} */
  public boolean isFree() {
    return owner.isEmpty();
  }

  /** {@return whether it has an owner who did not renew it in time} */
  public boolean isExpired() {
    return !isFree() && left.isZero();
  }

  /** {@return whether the store grants it to another owner (rule O2)} */
  public boolean isGrantable() {
    return !inUse || isExpired();
  }
}
