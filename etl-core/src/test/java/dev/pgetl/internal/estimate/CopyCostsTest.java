package dev.pgetl.internal.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgetl.internal.platform.ManualPlatform;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What is learned from the rows that were copied. */
class CopyCostsTest {
  private static final Offset<Double> NEAR = within(0.1);
  private static final long NO_LIMIT = 0;

  private final ManualPlatform clock = new ManualPlatform(Long.MAX_VALUE - 5_000_000_000L);
  private final CopyCosts costs = new CopyCosts(clock);
  private final CopyMeter meter = costs.newMeter();

  private Spent copied(long rows, long bytes, double seconds, long limit) {
    clock.advance(Duration.ofNanos(Math.round(seconds * 1e9)));
    return meter.copied(rows, bytes, limit);
  }

  private void often(int times, long rows, long bytes, double seconds) {
    for (int i = 0; i < times; i++) {
      Spent unused = copied(rows, bytes, seconds, NO_LIMIT);
    }
  }

  private CopyModel model() {
    return costs.measured(NO_LIMIT).model();
  }

  /** One of them measures, the others only take their time. */
  private List<CopyMeter> workers(int count) {
    meter.begin();
    List<CopyMeter> others = Stream.generate(costs::newMeter).limit(count - 1).toList();
    others.forEach(CopyMeter::begin);
    return others;
  }

  @Test
  void saysNothingBeforeThereIsSomethingToSay() {
    meter.begin();
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
    meter.begin();
    often(30, 100, 10_000, 2);

    assertThat(model().seconds(50, 5_000)).isCloseTo(1, NEAR);
    assertThat(model().perRow()).isCloseTo(0.01, within(0.001));
  }

  @Test
  void rowsOfTwoWidthsShowThatTheyCostByThemselves() {
    meter.begin();
    often(30, 100, 10_000, 1);
    often(30, 100, 400_000, 1);

    assertThat(model().seconds(200, 0)).isCloseTo(2, within(0.2));
  }

  @Test
  void rowsOfTwoWidthsShowThatTheyCostByTheirBytes() {
    meter.begin();
    often(30, 100, 10_000, 1);
    often(30, 1, 10_000, 1);

    assertThat(model().seconds(0, 20_000)).isCloseTo(2, within(0.2));
  }

  @Test
  void aWorkerThatEndsShowsWhetherTheyHoldEachOtherUp() {
    List<CopyMeter> others = workers(4);
    often(30, 100, 10_000, 4);
    others.get(0).end();
    others.get(1).end();
    often(30, 100, 10_000, 2);

    assertThat(model().shared()).isCloseTo(1, NEAR);
  }

  @Test
  void aWorkerThatEndsShowsThatTheyDoNotHoldEachOtherUp() {
    List<CopyMeter> others = workers(4);
    often(30, 100, 10_000, 4);
    others.get(0).end();
    others.get(1).end();
    often(30, 100, 10_000, 4);

    assertThat(model().shared()).isCloseTo(0, NEAR);
  }

  /** Three of four end while a batch is written. */
  @Test
  void workersThatCopiedForAPartOfTheTimeCountForIt() {
    List<CopyMeter> others = workers(4);
    clock.advance(Duration.ofSeconds(8));
    others.forEach(CopyMeter::end);

    Spent spent = copied(100, 10_000, 2, NO_LIMIT);

    assertThat(spent.seconds()).isEqualTo(10);
    assertThat(spent.share()).isEqualTo(4);
    assertThat(spent.workers()).isEqualTo(2.5);
  }

  @Test
  void whatCountsIsThePaceOfTheLastRows() {
    meter.begin();
    often(100, 100, 10_000, 1);
    often(100, 100, 10_000, 0.5);

    assertThat(model().seconds(1_000, 100_000)).isBetween(5.0, 7.0);
  }

  /** The destination was away. */
  @Test
  void aCallThatWaitedDoesNotCount() {
    meter.begin();
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
    meter.begin();
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
    meter.begin();
    for (int i = 0; i < 50; i++) {
      Spent unused = copied(100, 10_000, 1, 1_000_000);
    }

    assertThat(costs.measured(1_000_000).isLimited()).isFalse();
    assertThat(costs.measured(1_000_000).isEnough()).isTrue();
  }

  /** Their batches may be of different sizes. */
  @Test
  void aPaceUnderALimitIsKnownAfterSomeTurnsOfEachWorker() {
    List<CopyMeter> unusedOthers = workers(4);
    for (int i = 0; i < 45; i++) {
      assertThat(copied(100, 10_000, 1, 1_000_000)).isEqualTo(Spent.NOTHING);
    }
    for (int i = 0; i < 5; i++) {
      Spent unused = copied(100, 10_000, 1, 1_000_000);
    }

    assertThat(copied(100, 10_000, 1, 1_000_000).rows()).isEqualTo(100);
  }

  @Test
  void aLimitThatIsLowerThanThePaceBeforeIsReached() {
    meter.begin();
    often(50, 100, 10_000, 1);

    assertThat(costs.measured(5_000).isLimited()).isTrue();
    assertThat(costs.measured(5_000).isEnough()).as("what was measured before counts").isTrue();
  }

  /** It was read under the limit, or a part of it was. */
  @Test
  void rowsThatWereReadWhenALimitWasLiftedDoNotCount() {
    meter.begin();
    for (int i = 0; i < 50; i++) {
      Spent unused = copied(100, 10_000, 10, 1_000);
    }

    assertThat(copied(100, 10_000, 10, NO_LIMIT)).isEqualTo(Spent.NOTHING);

    assertThat(copied(100, 10_000, 1, NO_LIMIT).seconds()).isEqualTo(1);
  }
}
