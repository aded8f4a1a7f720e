package dev.pgetl.internal.runtime.retain;

import dev.pgetl.forecast.Outlook;
import java.time.Duration;

/**
 * Decides when to warn of the loss of a slot: once when it is an hour away, once when it is 10
 * minutes away. Owned by one thread.
 */
final class LossAlarm {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTES = Duration.ofMinutes(10);

  /** Twice the first limit, so that a rate that varies does not repeat the warning. */
  private static final Duration OVER = HOUR.multipliedBy(2);

  /** What to log. */
  enum Change {
    NONE,
    NEARER,
    OVER
  }

  private enum Level {
    NONE,
    WITHIN_AN_HOUR,
    WITHIN_MINUTES
  }

  private Level level = Level.NONE;

  /** {@return what to log, now that an outlook is known} One that is unknown changes nothing. */
  Change next(Outlook loss) {
    if (loss instanceof Outlook.Unknown) {
      return Change.NONE;
    }
    if (level != Level.NONE && !loss.isWithin(OVER)) {
      level = Level.NONE;
      return Change.OVER;
    }
    Level now = levelOf(loss);
    if (now.compareTo(level) <= 0) {
      return Change.NONE;
    }
    level = now;
    return Change.NEARER;
  }

  /** {@return whether there was a warning that is not over} */
  boolean isOn() {
    return level != Level.NONE;
  }

  private static Level levelOf(Outlook loss) {
    if (loss.isWithin(MINUTES)) {
      return Level.WITHIN_MINUTES;
    }
    return loss.isWithin(HOUR) ? Level.WITHIN_AN_HOUR : Level.NONE;
  }
}
