package dev.pgetl.internal.range;

import static dev.pgetl.internal.range.RangeEvents.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.range.RangeState.Stage;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CopyRangesTest {
  private static final CopyOrigin ORIGIN = SampleTable.origin(new Lsn(100));
  private static final KeyRange LOW = range(null, "10");
  private static final KeyRange MIDDLE = range("10", "20");
  private static final KeyRange HIGH = range("20", null);
  private final CopyRanges planned = CopyRanges.planned(ORIGIN, List.of(LOW, MIDDLE, HIGH));

  static Stream<List<KeyRange>> rangesThatAreNotTheWholeTable() {
    return Stream.of(
        List.of(),
        List.of(LOW),
        List.of(HIGH),
        List.of(MIDDLE),
        List.of(LOW, HIGH),
        List.of(LOW, MIDDLE),
        List.of(MIDDLE, HIGH),
        List.of(HIGH, LOW),
        List.of(LOW, HIGH, MIDDLE),
        List.of(LOW, MIDDLE, MIDDLE, HIGH),
        List.of(LOW, range("10", null), HIGH),
        List.of(range(null, null), range(null, null)),
        List.of(LOW, range(null, "20"), HIGH),
        List.of(LOW, MIDDLE, range("20.0", null)),
        List.of(LOW, new KeyRange("part", "10", null)));
  }

  @ParameterizedTest
  @MethodSource
  void rangesThatAreNotTheWholeTable(List<KeyRange> ranges) {
    assertThatThrownBy(() -> CopyRanges.planned(ORIGIN, ranges))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the whole table");
  }

  @Test
  void aPlanIsNotBegun() {
    assertThat(planned.ranges()).extracting(RangeState::keys).containsExactly(LOW, MIDDLE, HIGH);
    assertThat(planned.ranges()).extracting(RangeState::stage).containsOnly(Stage.WAITING);
    assertThat(planned.column()).isEqualTo(SampleTable.KEY);
    assertThat(planned.isBegun()).isFalse();
    assertThat(planned.begun()).isEmpty();
    assertThat(planned.finishedCount()).isZero();
    assertThat(planned.newest()).isEqualTo(Lsn.ZERO);
  }

  @Test
  void oneRangeIsTheWholeTable() {
    CopyRanges whole = CopyRanges.planned(ORIGIN, List.of(range(null, null)));

    assertThat(whole.begun(0).begun()).containsExactly(range(null, null));
  }

  @Test
  void knowsWhatTheDestinationMayHoldAPartOf() {
    CopyRanges begun = planned.begun(2).begun(0);

    assertThat(begun.isBegun()).isTrue();
    assertThat(begun.begun()).containsExactly(LOW, HIGH);
    assertThat(begun.finished(0, new Lsn(200), 3, 30).begun()).containsExactly(HIGH);
    assertThat(begun.begun(2).begun()).containsExactly(LOW, HIGH);
  }

  @Test
  void aFinishedRangeIsSomethingToContinue() {
    assertThat(planned.finished(1, new Lsn(200), 0, 0).isBegun()).isTrue();
  }

  @Test
  void addsUpWhatIsFinished() {
    CopyRanges two =
        planned.finished(2, new Lsn(300), 3, 30).begun(1).finished(0, new Lsn(200), 4, 50);

    assertThat(two.rows()).isEqualTo(7);
    assertThat(two.bytes()).isEqualTo(80);
    assertThat(two.finishedCount()).isEqualTo(2);
    assertThat(two.newest()).isEqualTo(new Lsn(300));
  }

  @Test
  void aRangeThatIsBegunAgainIsNotFinished() {
    CopyRanges again = planned.finished(1, new Lsn(200), 3, 30).begun(1);

    assertThat(again.begun()).containsExactly(MIDDLE);
    assertThat(again.rows()).isZero();
    assertThat(again.newest()).isEqualTo(Lsn.ZERO);
  }

  @Test
  void theNewestPositionIsThatOfUnsignedNumbers() {
    CopyRanges two = planned.finished(0, new Lsn(-1), 0, 0).finished(1, new Lsn(1), 0, 0);

    assertThat(two.newest()).isEqualTo(new Lsn(-1));
  }

  @Test
  void changesNothingInPlace() {
    List<RangeState> states = new ArrayList<>(planned.ranges());
    CopyRanges copy = new CopyRanges(ORIGIN, states);
    CopyRanges next = copy.begun(0).finished(1, new Lsn(200), 3, 30);
    states.clear();

    assertThat(copy).isEqualTo(planned);
    assertThat(next.ranges().get(2)).isEqualTo(planned.ranges().get(2));
    assertThat(next.origin()).isEqualTo(ORIGIN);
    assertThatThrownBy(() -> next.ranges().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  static Stream<KeyRange> oneRangeAgain() {
    return Stream.of(LOW, MIDDLE, HIGH, range(null, null));
  }

  @ParameterizedTest
  @MethodSource
  void oneRangeAgain(KeyRange keys) {
    CopyRanges again = CopyRanges.again(ORIGIN, keys, new Lsn(150));
    int others = (keys.from() == null ? 0 : 1) + (keys.to() == null ? 0 : 1);

    assertThat(again.begun()).containsExactly(keys); // so it is removed before it is copied
    assertThat(again.ranges()).hasSize(1 + others);
    assertThat(again.finishedCount()).isEqualTo(others);
    assertThat(again.ranges())
        .filteredOn(RangeState::isFinished)
        .allSatisfy(range -> assertThat(range.position()).isEqualTo(new Lsn(150)))
        .extracting(RangeState::rows)
        .allSatisfy(rows -> assertThat(rows).isZero());
    assertThat(again.origin()).isEqualTo(ORIGIN);
  }

  @Test
  void aRangeHasAPositionIfItIsFinished() {
    for (Stage stage : List.of(Stage.WAITING, Stage.BEGUN)) {
      assertThatThrownBy(() -> new RangeState(LOW, stage, new Lsn(1), 0, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new RangeState(LOW, Stage.FINISHED, Lsn.ZERO, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> planned.finished(0, Lsn.ZERO, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
