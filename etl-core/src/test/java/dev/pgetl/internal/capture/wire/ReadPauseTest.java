package dev.pgetl.internal.capture.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadPauseTest {
  private static final long LONGEST = 8_000_000;
  private static final long SHORT = 1_000_000;
  private static final long MILLI = 1_000_000;

  private final ReadPause pause = new ReadPause(LONGEST, 0);
  private long now;

  @Test
  void growsWhileBytesComeFast() {
    assertThat(cycle(MILLI, 2_000)).isEqualTo(500_000);
    assertThat(cycle(MILLI, 2_000)).isEqualTo(1_000_000);
    assertThat(cycle(MILLI, 2_000)).isEqualTo(2_000_000);
    assertThat(cycle(MILLI, 2_000)).isEqualTo(4_000_000);
    assertThat(cycle(MILLI, 2_000)).isEqualTo(LONGEST);
    assertThat(cycle(MILLI, 2_000)).isEqualTo(LONGEST);
  }

  @Test
  void endsAsSoonAsThePaceDrops() {
    cycle(MILLI, 2_000);
    assertThat(cycle(MILLI, 1_999)).isZero();
    assertThat(cycle(MILLI, 1_999)).isZero();
  }

  @Test
  void endsWhenNothingCame() {
    cycle(MILLI, 50_000);
    pause.onQuiet(now);
    assertThat(pause.nanos()).isZero();
    assertThat(cycle(MILLI, 1_999)).isZero();
  }

  @Test
  void manySmallReadsAreAHighPace() {
    for (int i = 0; i < 4; i++) {
      assertThat(cycle(100_000, 250)).isZero();
    }
    assertThat(cycle(100_000, 250)).isEqualTo(500_000);
  }

  @Test
  void isNeverWithoutADelay() {
    ReadPause none = new ReadPause(0, 0);
    none.received(1_000_000);
    assertThat(none.next(MILLI)).isZero();
  }

  @Test
  void staysLongWhereShortPausesAreNotMuchFaster() {
    run(10 * LONGEST, 10, 10);
    assertThat(sharesOfLongPauses(10, 14)).isGreaterThan(0.9);
  }

  @Test
  void staysLongWhileThePaceGrows() {
    for (int pace = 10; pace < 1_000; pace += pace / 3) {
      run(110 * MILLI, pace, pace);
    }
    assertThat(run(1_000 * MILLI, 1_000, 1_000)).isGreaterThan(900 * MILLI);
  }

  @Test
  void whatLongPausesHaveLeftBehindDoesNotMakeShortOnesFast() {
    long spentLong = 0;
    long shortSince = 0;
    while (now < 60_000 * MILLI) {
      boolean isShort = pause.nanos() <= SHORT;
      shortSince = isShort ? shortSince : now;
      boolean catchesUp = isShort && now - shortSince < 80 * MILLI;
      long last = Math.max(pause.nanos(), 500_000);
      cycle(last, (int) (last / 1_000 * (catchesUp ? 30 : 10)));
      spentLong += isShort ? 0 : last;
    }
    assertThat(spentLong).isGreaterThan(54_000 * MILLI);
  }

  @Test
  void becomesShortWhereLongPausesThrottle() {
    assertThat(sharesOfLongPauses(10, 16)).isLessThan(0.2);
  }

  @Test
  void becomesLongAgainWhenNothingIsThrottledAnyMore() {
    sharesOfLongPauses(10, 30);
    run(20_000 * MILLI, 10, 10);
    assertThat(sharesOfLongPauses(10, 10)).isGreaterThan(0.9);
  }

  /** {@return how much of a minute was spent at long pauses} */
  private double sharesOfLongPauses(int longPace, int shortPace) {
    return run(60_000 * MILLI, longPace, shortPace) / (60_000.0 * MILLI);
  }

  /** Bytes come at the pace, in bytes per microsecond, that the last pause allows. */
  private long run(long duration, int longPace, int shortPace) {
    long until = now + duration;
    long spentLong = 0;
    while (now < until) {
      long last = Math.max(pause.nanos(), 500_000);
      cycle(last, (int) (last / 1_000 * (last > SHORT ? longPace : shortPace)));
      spentLong += last > SHORT ? last : 0;
    }
    return spentLong;
  }

  private long cycle(long nanos, int bytes) {
    now += nanos;
    pause.received(bytes);
    return pause.next(now);
  }
}
