package dev.pgetl.internal.range;

import static dev.pgetl.internal.range.RangeEvents.FULL;
import static dev.pgetl.internal.range.RangeEvents.OTHER;
import static dev.pgetl.internal.range.RangeEvents.VERSION;
import static dev.pgetl.internal.range.RangeEvents.delete;
import static dev.pgetl.internal.range.RangeEvents.full;
import static dev.pgetl.internal.range.RangeEvents.insert;
import static dev.pgetl.internal.range.RangeEvents.key;
import static dev.pgetl.internal.range.RangeEvents.ranges;
import static dev.pgetl.internal.range.RangeEvents.relation;
import static dev.pgetl.internal.range.RangeEvents.row;
import static dev.pgetl.internal.range.RangeEvents.rowWithoutLarge;
import static dev.pgetl.internal.range.RangeEvents.transaction;
import static dev.pgetl.internal.range.RangeEvents.truncate;
import static dev.pgetl.internal.range.RangeEvents.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.internal.range.SampleTable.Row;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys below 10 are copied at position 100, those from 10 on at 300, those from 20 on at 200. */
class RangeDeciderTest {
  private final RangeDecider decider = new RangeDecider(ranges(100, 10, 300, 20, 200), VERSION);

  @ParameterizedTest
  @CsvSource({
    "-9223372036854775808, 99, false",
    "-9223372036854775808, 100, true",
    "9, 99, false", // committed just before the range was copied
    "9, 100, true",
    "9, 299, true",
    "10, 100, false", // an end belongs to the range behind it
    "10, 299, false",
    "10, 300, true",
    "19, 299, false",
    "20, 199, false",
    "20, 200, true",
    "9223372036854775807, 199, false",
    "9223372036854775807, 200, true",
    "-11, 100, true", // and not in the order of texts
    "2, 100, true",
    "100, 199, false",
    "100, 200, true"
  })
  void deliversWhatTheRangeOfTheKeyDoesNotHave(long id, long commit, boolean delivered) {
    Event[] events = {
      insert(commit, row(id)),
      update(commit, row(id)),
      update(commit, rowWithoutLarge(id)),
      update(commit, full(id), row(id)),
      update(commit, key(new Row(id, 1, "", null).key().in(VERSION)), rowWithoutLarge(id)),
      delete(commit, key(id)),
      delete(commit, full(id))
    };

    assertThat(events)
        .allSatisfy(event -> assertThat(decider.decide(event)).isEqualTo(delivered ? event : null));
  }

  static Stream<Arguments> keyChanges() {
    Event newToOld = update(250, key(10), row(9));
    Event oldToNew = update(250, key(9), rowWithoutLarge(10));
    Event fullNewToOld = update(250, full(10), row(9));
    Event fullOldToNew = update(250, full(9), row(10));
    Event withNull = update(250, key(10), new Row(20, 0, "s", null).in(VERSION));
    Event bothOld = update(250, key(9), rowWithoutLarge(20));
    Event bothNew = update(150, key(10), rowWithoutLarge(20));
    Event sameRange = update(250, key(11), rowWithoutLarge(12));
    Event atTheNewest = update(300, key(10), rowWithoutLarge(9));
    Event keyNotSent = update(250, key(9), withoutKey());
    Event newKeyNotSent = update(250, key(10), withoutKey());
    return Stream.of(
        arguments("the old row is there already without it", newToOld, insert(250, row(9))),
        arguments("the new row is there already", oldToNew, delete(250, key(9))),
        arguments("an old row with all values", fullNewToOld, insert(250, row(9))),
        arguments("its delete has all values", fullOldToNew, delete(250, full(9))),
        arguments(
            "a null is a value", withNull, insert(250, new Row(20, 0, "s", null).in(VERSION))),
        arguments("no range has it", bothOld, bothOld),
        arguments("both ranges have it", bothNew, null),
        arguments("in one range that has it", sameRange, null),
        arguments("behind all ranges", atTheNewest, atTheNewest),
        arguments("the key was stored out of line", keyNotSent, keyNotSent),
        arguments("the same in a range that has it", newKeyNotSent, null));
  }

  private static TableRow withoutKey() {
    return TableRow.of(VERSION, "small", TableRow.NOT_SENT, 0, "large");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void keyChanges(String name, Event event, @Nullable Event rest) {
    assertThat(decider.decide(event)).isEqualTo(rest);
  }

  static Stream<Event> eventsThatAreDelivered() {
    ByteBuffer none = ByteBuffer.allocate(0);
    return Stream.of(
        new Event.Begin(transaction(150)),
        new Event.Commit(transaction(150), 9, new Lsn(151)),
        new Event.Message(transaction(150), 1, true, new Lsn(149), "prefix", none),
        new Event.Message(transaction(150), 0, false, new Lsn(150), "prefix", none),
        truncate(150, OTHER),
        relation(150, OTHER),
        insert(150, SampleTable.Row.of(row(10)).in(OTHER)),
        update(150, new Row(10, 0, "s", null).in(OTHER)),
        delete(150, key(new Row(10, 0, "s", null).key().in(OTHER))),
        truncate(300, VERSION),
        truncate(301, VERSION, OTHER),
        relation(300, FULL),
        relation(301, FULL),
        insert(300, TableRow.of(VERSION, "s", TableRow.NOT_SENT, 0, null)));
  }

  @ParameterizedTest
  @MethodSource
  void eventsThatAreDelivered(Event event) {
    assertThat(decider.decide(event)).isSameAs(event);
  }

  @Test
  void isBehindFromTheNewestPositionOn() {
    assertThat(decider.isBehind(new Lsn(299))).isFalse();
    assertThat(decider.isBehind(new Lsn(300))).isTrue();
    assertThat(decider.isBehind(new Lsn(-1))).isTrue();
  }

  @Test
  void aCopyThatWasNotInterruptedSkipsNothing() {
    RangeDecider whole = new RangeDecider(ranges(100, 10, 100, 20, 100), VERSION);
    Event event = truncate(100, VERSION);

    assertThat(whole.decide(event)).isSameAs(event);
  }

  @Test
  void whatIsLeftOfAChangeKeepsItsPlace() {
    Event before = update(250, key(10), row(9));
    Event rest = decider.decide(before);

    assertThat(rest).isNotNull().isNotEqualTo(before);
    assertThat(rest.sequence()).isEqualTo(before.sequence());
    assertThat(rest.transaction()).isSameAs(before.transaction());
  }

  @Test
  void rangesHaveToBeFinished() {
    CopyRanges unfinished = ranges(100, 10, 300).begun(1);

    assertThatThrownBy(() -> new RangeDecider(unfinished, VERSION))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not finished");
  }
}
