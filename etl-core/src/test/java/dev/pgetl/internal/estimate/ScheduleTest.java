package dev.pgetl.internal.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgetl.internal.estimate.Expectations.Expected;
import dev.pgetl.internal.estimate.TableLoad.Stage;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How long workers need for tables, with a row a second. */
class ScheduleTest {
  private static CopyModel model(double shared) {
    return new CopyModel(1, 0, shared, 0, 0.5);
  }

  private static Expected table(Stage stage, boolean together, double rows) {
    TableLoad load = new TableLoad(stage, together, TableExtent.NOTHING_KNOWN, 0, 0, Spent.NOTHING);
    return new Expected(load, rows, 0);
  }

  private static Expected waiting(double rows) {
    return table(Stage.WAITING, false, rows);
  }

  private static double seconds(CopyModel model, int workers, Expected... tables) {
    return Schedule.seconds(model, new CopyEstimate.Means(workers, 10, 0), List.of(tables));
  }

  @Test
  void nothingTakesNoTime() {
    assertThat(seconds(model(0), 4)).isZero();
  }

  @Test
  void workersThatDoNotHoldEachOtherUpShareTheWork() {
    Expected[] equal = {waiting(5), waiting(5), waiting(5), waiting(5)};

    assertThat(seconds(model(0), 1, equal)).isEqualTo(20);
    assertThat(seconds(model(0), 2, equal)).isEqualTo(10);
    assertThat(seconds(model(0), 4, equal)).isEqualTo(5);
  }

  @Test
  void workersThatDoAreAsFastAsOne() {
    assertThat(seconds(model(1), 4, waiting(5), waiting(9), waiting(2)))
        .isCloseTo(16, within(1e-6));
  }

  @Test
  void aTableThatIsLeftAloneIsFasterThanBefore() {
    assertThat(seconds(model(1), 2, waiting(2), waiting(8))).isCloseTo(10, within(1e-6));
    assertThat(seconds(model(0), 2, waiting(2), waiting(8))).isEqualTo(8);
  }

  @Test
  void theLargestComesFirst() {
    assertThat(seconds(model(0), 2, waiting(3), waiting(3), waiting(6))).isEqualTo(6);
  }

  @Test
  void oneWorkerIsKeptForShortTables() {
    assertThat(seconds(model(0), 2, waiting(1_000), waiting(500), waiting(9))).isEqualTo(1_500);
    assertThat(seconds(model(0), 2, waiting(1_000), waiting(100)))
        .as("the second is copied within two minutes")
        .isEqualTo(1_000);
  }

  @Test
  void tablesThatAreCopiedTogetherCostAsMuchEach() {
    Expected[] small =
        IntStream.range(0, 40)
            .mapToObj(i -> table(Stage.WAITING, true, 1_000_000))
            .toArray(Expected[]::new);

    assertThat(seconds(model(0), 1, small)).isCloseTo(20, within(1e-6));
    assertThat(seconds(model(0), 4, small)).isCloseTo(5, within(1e-6));
    Expected[] more =
        Stream.concat(Stream.of(waiting(30)), Stream.of(small)).toArray(Expected[]::new);
    assertThat(seconds(model(0), 2, more)).as("on the kept worker").isCloseTo(30, within(1e-6));
  }

  @Test
  void eachTableThatWaitsCostsATimeOfItsOwn() {
    CopyModel model = new CopyModel(1, 0, 0, 3, 0);

    assertThat(seconds(model, 1, waiting(5), table(Stage.RUNNING, false, 5))).isEqualTo(13);
  }

  /** It waits for the server. */
  @Test
  void aTableThatBeginsHoldsUpNoOther() {
    CopyModel model = new CopyModel(1, 0, 1, 3, 0.5);

    assertThat(seconds(model, 2, waiting(5), waiting(5))).isCloseTo(13, within(1e-6));
    assertThat(seconds(model, 2, waiting(5), table(Stage.WAITING, true, 1)))
        .isCloseTo(8, within(1e-6));
  }

  /** It has taken twice as long as it should have. */
  @Test
  void aTableThatWasSlowIsExpectedToBe() {
    Spent own = new Spent(1_000, 0, 2_000, 0);
    TableLoad load = new TableLoad(Stage.RUNNING, false, TableExtent.NOTHING_KNOWN, 1_000, 0, own);

    assertThat(seconds(model(0), 1, new Expected(load, 1_500, 0))).isCloseTo(1_000, within(2.0));
  }
}
