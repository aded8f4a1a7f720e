package dev.pgetl.internal.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the problems of a configuration, to report them all at once. Owned by one builder call.
 */
public final class Problems {
  /** Larger than any useful value, and small enough for arithmetic in nanoseconds. */
  private static final Duration LONGEST = Duration.ofDays(365);

  private final List<String> found = new ArrayList<>();

  /**
   * Reports a problem unless a condition holds.
   *
   * @param problem the whole sentence
   */
  public void require(boolean holds, String problem) {
    if (!holds) {
      found.add(problem);
    }
  }

  /** Reports a number that is not positive. */
  public void requirePositive(String setting, long value) {
    require(value > 0, setting + " must be positive, is " + value);
  }

  /** Reports a time that is not positive, or longer than any useful one. */
  public void requirePositive(String setting, Duration value) {
    require(value.compareTo(Duration.ZERO) > 0, setting + " must be positive, is " + value);
    requireNotTooLong(setting, value);
  }

  /** Reports a time that is negative, or longer than any useful one. */
  public void requireNotNegative(String setting, Duration value) {
    require(!value.isNegative(), setting + " must not be negative, is " + value);
    requireNotTooLong(setting, value);
  }

  /** Reports a time that is negative, or longer than some milliseconds. */
  public void requireMillis(String setting, Duration value, int most) {
    require(!value.isNegative(), setting + " must not be negative, is " + value);
    require(
        value.compareTo(Duration.ofMillis(most)) <= 0,
        setting + " must be at most " + most + " ms, is " + value);
  }

  private void requireNotTooLong(String setting, Duration value) {
    require(value.compareTo(LONGEST) <= 0, setting + " must be at most 365 days, is " + value);
  }

  /**
   * Ends the collection.
   *
   * @param what is made of the settings
   * @throws IllegalArgumentException naming all problems
   */
  public void throwIfAny(String what) {
    if (!found.isEmpty()) {
      throw new IllegalArgumentException(what + " is not valid: " + String.join("; ", found));
    }
  }
}
