package dev.pgetl.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the problems of a configuration, to report them all at once. Owned by one builder call.
 */
final class Problems {
  /** Larger than any useful value, and small enough for arithmetic in nanoseconds. */
  private static final Duration LONGEST = Duration.ofDays(365);

  private final List<String> found = new ArrayList<>();

  void require(boolean holds, String problem) {
    if (!holds) {
      found.add(problem);
    }
  }

  void requirePositive(String setting, long value) {
    require(value > 0, setting + " must be positive, is " + value);
  }

  void requirePositive(String setting, Duration value) {
    require(value.compareTo(Duration.ZERO) > 0, setting + " must be positive, is " + value);
    requireNotTooLong(setting, value);
  }

  void requireNotNegative(String setting, Duration value) {
    require(!value.isNegative(), setting + " must not be negative, is " + value);
    requireNotTooLong(setting, value);
  }

  private void requireNotTooLong(String setting, Duration value) {
    require(value.compareTo(LONGEST) <= 0, setting + " must be at most 365 days, is " + value);
  }

  void throwIfAny(String what) {
    if (!found.isEmpty()) {
      throw new IllegalArgumentException(what + " is not valid: " + String.join("; ", found));
    }
  }
}
