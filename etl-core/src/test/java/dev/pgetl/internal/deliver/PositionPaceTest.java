package dev.pgetl.internal.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PositionPaceTest {
  private static final long MILLI = 1_000_000;

  private final PositionPace pace = new PositionPace(0);
  private long now;

  /** {@return how many calls of that length were allowed in the time} */
  private int calls(long nanosEach, long everyNanos, long time) {
    int calls = 0;
    for (long end = now + time; now < end; now += everyNanos) {
      if (pace.untilAllowed(now) <= 0) {
        pace.spent(nanosEach, now);
        calls++;
      }
    }
    return calls;
  }

  @Test
  void nothingWaitsWhileThereIsLittleToDo() {
    assertThat(calls(MILLI / 10, 20 * MILLI, 1_000 * MILLI)).isEqualTo(50);
  }

  @Test
  void underLoadItTakesASmallShareOfTheTime() {
    calls(MILLI / 10, MILLI, 2_000 * MILLI);
    assertThat(calls(MILLI / 10, MILLI, 15_000 * MILLI)).isBetween(950, 1_000);
  }

  @Test
  void quietTimesAreSavedUpButNotForEver() {
    calls(MILLI / 10, MILLI, 2_000 * MILLI);
    now += 3_600_000 * MILLI;
    assertThat(calls(MILLI / 10, MILLI / 1_000, MILLI)).isBetween(50, 52);
  }

  @Test
  void aSlowCallHoldsTheNextUpForAMomentOnly() {
    now += 5_000 * MILLI;
    pace.spent(5_000 * MILLI, now);
    assertThat(pace.untilAllowed(now)).isEqualTo(150 * MILLI);
    assertThat(pace.untilAllowed(now + 150 * MILLI)).isZero();
  }
}
