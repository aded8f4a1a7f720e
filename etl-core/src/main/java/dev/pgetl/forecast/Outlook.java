package dev.pgetl.forecast;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** When something is going to happen, as far as that can be said. */
public sealed interface Outlook {
  /**
   * It happens, unless something changes.
   *
   * @param time in how long; zero if it may happen at any moment, or has happened
   */
  record Within(Duration time) implements Outlook {
    public Within {
      if (time.isNegative()) {
        throw new IllegalArgumentException("time must not be negative, is " + time);
      }
    }

    @Override
    public Optional<Duration> timeLeft() {
      return Optional.of(time);
    }
  }

  /** It does not happen while everything stays as it is, or not within a year. */
  record Never() implements Outlook {}

  /**
   * It cannot be said.
   *
   * @param reason why not
   */
  record Unknown(String reason) implements Outlook {
    public Unknown {
      Objects.requireNonNull(reason, "reason");
    }
  }

  /** {@return in how long it happens; empty if never, or if it is unknown} */
  default Optional<Duration> timeLeft() {
    return Optional.empty();
  }

  /**
   * {@return whether it happens within a limit}
   *
   * @param limit the longest time
   */
  default boolean isWithin(Duration limit) {
    return timeLeft().filter(time -> time.compareTo(limit) <= 0).isPresent();
  }
}
