package dev.pgetl.internal.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgetl.internal.platform.ManualPlatform;
import java.time.Duration;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What is learned from the rows that were copied. */
class CopyCostsTest {
  private static final Offset<Double> NEAR = within(0.1);
  private static final long NO_LIMIT = 0;

  private final ManualPlatform clock = new ManualPlatform(Long.MAX_VALUE - 5_000_000_000L);
  private final CopyCosts costs = new CopyCosts(clock);

  private Spent copied(long rows, long bytes, double seconds, long limit) {
    Duration time = Duration.ofNanos(Math.round(seconds * 1e9));
    clock.advance(time);
    return costs.copied(rows, bytes, time.toNanos(), limit);
  }

  private void often(int times, long rows, long bytes, double seconds) {
    for (int i = 0; i < times; i++) {
      Spent unused = copied(rows, bytes, seconds, NO_LIMIT);
    }
  }

  private CopyModel model() {
    return costs.measured(NO_LIMIT).model();
  }

  private void workers(int count) {
    for (int i = 0; i < count; i++) {
      costs.begin();
    }
  }

  @Test
  void saysNothingBeforeThereIsSomethingToSay() {
    workers(1);
    assertThat(costs.measured(NO_LIMIT).isEnough()).isFalse();
    assertThat(costs.measured(NO_LIMIT).knowsSmallTables()).isFalse();

    often(3, 10, 1_000, 1);
    costs.smallTables(10, Duration.ofSeconds(2).toNanos());

    assertThat(costs.measured(NO_LIMIT).isEnough()).isTrue();
    assertThat(costs.measured(NO_LIMIT).perSmallTable()).isEqualTo(0.2);
  }

  /** Half of it is assumed to be the row's, half its bytes'. */
  @Test
  void rowsOfOneWidthCostWhatTheyHaveCost() {
    workers(1);
    often(30, 100, 10_000, 2);

    assertThat(model().seconds(50, 5_000)).isCloseTo(1, NEAR);
    assertThat(model().perRow()).isCloseTo(0.01, within(0.001));
  }

  @Test
  void rowsOfTwoWidthsShowThatTheyCostByThemselves() {
    workers(1);
    often(30, 100, 10_000, 1);
    often(30, 100, 400_000, 1);

    assertThat(model().seconds(200, 0)).isCloseTo(2, within(0.2));
  }

  @Test
  void rowsOfTwoWidthsShowThatTheyCostByTheirBytes() {
    workers(1);
    often(30, 100, 10_000, 1);
    often(30, 1, 10_000, 1);

    assertThat(model().seconds(0, 20_000)).isCloseTo(2, within(0.2));
  }

  @Test
  void aWorkerThatEndsShowsWhetherTheyHoldEachOtherUp() {
    workers(4);
    often(30, 100, 10_000, 4);
    costs.end();
    costs.end();
    often(30, 100, 10_000, 2);

    assertThat(model().shared()).isCloseTo(1, NEAR);
  }

  @Test
  void aWorkerThatEndsShowsThatTheyDoNotHoldEachOtherUp() {
    workers(4);
    often(30, 100, 10_000, 4);
    costs.end();
    costs.end();
    often(30, 100, 10_000, 4);

    assertThat(model().shared()).isCloseTo(0, NEAR);
  }

  @Test
  void whatCountsIsThePaceOfTheLastRows() {
    workers(1);
    often(100, 100, 10_000, 1);
    often(100, 100, 10_000, 0.5);

    assertThat(model().seconds(1_000, 100_000)).isBetween(5.0, 7.0);
  }

  /** The destination was away. */
  @Test
  void aCallThatWaitedDoesNotCount() {
    workers(1);
    often(30, 100, 10_000, 1);

    Spent spent = copied(100, 10_000, 3_600, NO_LIMIT);

    assertThat(spent.seconds()).isLessThan(30);
    assertThat(model().seconds(100, 10_000)).isLessThan(2);
  }

  @Test
  void whatATableCostsIsNotTheTimeThatOneWaited() {
    costs.tableBegun(Duration.ofSeconds(1).toNanos());
    costs.tableBegun(Duration.ofHours(3).toNanos());

    assertThat(costs.measured(NO_LIMIT).perTable()).isEqualTo(30.5);
  }

  // ---- limits ----

  @Test
  void rowsThatWereReadAsFastAsTheyMaySayNothing() {
    workers(1);
    for (int i = 0; i < 50; i++) {
      assertThat(copied(100, 10_000, 1, 10_000)).isEqualTo(Spent.NOTHING);
    }

    assertThat(costs.measured(10_000).isLimited()).isTrue();
    assertThat(costs.measured(10_000).isEnough()).isFalse();
    assertThat(costs.measured(NO_LIMIT).isLimited()).isFalse();
    assertThat(costs.measured(NO_LIMIT).isEnough()).isFalse();
  }

  @Test
  void aLimitThatIsNotReachedDoesNotMatter() {
    workers(1);
    for (int i = 0; i < 50; i++) {
      Spent unused = copied(100, 10_000, 1, 1_000_000);
    }

    assertThat(costs.measured(1_000_000).isLimited()).isFalse();
    assertThat(costs.measured(1_000_000).isEnough()).isTrue();
  }

  @Test
  void aLimitThatIsLowerThanThePaceBeforeIsReached() {
    workers(1);
    often(50, 100, 10_000, 1);

    assertThat(costs.measured(5_000).isLimited()).isTrue();
    assertThat(costs.measured(5_000).isEnough()).as("what was measured before counts").isTrue();
  }

  /** It was read under the limit, or a part of it was. */
  @Test
  void rowsThatWereReadWhenALimitWasLiftedDoNotCount() {
    workers(1);
    for (int i = 0; i < 50; i++) {
      Spent unused = copied(100, 10_000, 10, 1_000);
    }

    assertThat(copied(100, 10_000, 10, NO_LIMIT)).isEqualTo(Spent.NOTHING);

    assertThat(copied(100, 10_000, 1, NO_LIMIT).seconds()).isEqualTo(1);
  }
}
