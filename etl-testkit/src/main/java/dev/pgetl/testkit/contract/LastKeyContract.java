package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.contract.Destinations.stream;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rule D16 of {@link Destination}: the last key of a table. Included in {@link
 * DestinationContract}.
 */
public interface LastKeyContract extends DestinationAccess {
  /** D16: whether there is an answer is what the test says. */
  @Test
  default void d16_theAnswerIsRight() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    stream(destination, insert(0x100, "2"));
    assertThat(destination.lastApplied(USERS.id()).isPresent())
        .as("whether lastApplied answers; answersLastApplied() says what it has to be")
        .isEqualTo(answersLastApplied());
  }

  /** D16: each table has a key of its own; one without events since its copy has none. */
  @Test
  default void d16_eachTableHasItsOwnKey() {
    Destination destination = answering();
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    copy(destination, ITEMS, row(ITEMS, "1", "1", "a"));
    assertKey(destination, USERS, EventSequence.NONE);
    List<Event> first = insert(0x100, "2");
    stream(destination, first);
    assertKey(destination, USERS, last(first));
    assertKey(destination, ITEMS, EventSequence.NONE);
    List<Event> second = TestTransaction.at(0x200).insert(row(ITEMS, "1", "2", "b")).commit();
    stream(destination, second);
    assertKey(destination, USERS, last(first));
    assertKey(destination, ITEMS, last(second));
  }

  /** D16: the greatest key, whatever was repeated last. */
  @Test
  default void d16_aReplayTakesNothingBack() {
    Destination destination = answering();
    copy(destination, USERS);
    List<Event> first = insert(0x100, "1");
    List<Event> second = insert(0x200, "2");
    stream(destination, first);
    stream(destination, second);
    stream(destination, first);
    assertKey(destination, USERS, last(second));
  }

  /** D16: a truncation in the stream is an event of its tables. */
  @Test
  default void d16_truncationsOfTheStreamCount() {
    Destination destination = answering();
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    List<Event> events = TestTransaction.at(0x100).truncate(USERS).commit();
    stream(destination, events);
    assertKey(destination, USERS, last(events));
  }

  /** D16: the next process gets the same answer. */
  @Test
  default void d16_theKeySurvivesACrash() {
    Destination crashing = answering();
    copy(crashing, USERS);
    List<Event> events = insert(0x100, "1");
    stream(crashing, events);
    assertKey(started(this), USERS, last(events));
  }

  /** D16: what is merely accepted counts: a flush of another stream may make it durable. */
  @Test
  default void d16_acceptedEventsCount() {
    Destination destination = answering();
    copy(destination, USERS);
    List<Event> events = insert(0x100, "1");
    var unused = destination.writeEvents(events);
    assertKey(destination, USERS, last(events));
  }

  /** D16, D5: a truncation for a copy removes the key, also for the next process. */
  @Test
  default void d16_aTruncationRemovesTheKey() {
    Destination destination = answering();
    copy(destination, USERS);
    copy(destination, ITEMS);
    stream(destination, insert(0x100, "1"));
    List<Event> items = TestTransaction.at(0x200).insert(row(ITEMS, "1", "2", "b")).commit();
    stream(destination, items);
    destination.truncateTable(USERS, USERS);
    assertKey(destination, USERS, EventSequence.NONE);
    assertKey(started(this), USERS, EventSequence.NONE);
    assertKey(destination, ITEMS, last(items));
  }

  /** D16: a destination that cannot be asked has no answer, above all not that there is no key. */
  @Test
  default void d16_failuresAreThrown() {
    Destination destination = answering();
    assumeThat(canBreakTarget()).as("the test can break the target").isTrue();
    copy(destination, USERS);
    stream(destination, insert(0x100, "1"));
    Destination next = started(this);
    breakTarget(true);
    assertThatThrownBy(() -> next.lastApplied(USERS.id())).isInstanceOf(RuntimeException.class);
    breakTarget(false);
    assertThat(next.lastApplied(USERS.id())).isPresent();
  }

  private Destination answering() {
    assumeThat(answersLastApplied()).as("the destination answers lastApplied").isTrue();
    return started(this);
  }

  private static List<Event> insert(long commitLsn, String id) {
    return TestTransaction.at(commitLsn).insert(row(USERS, id, "name", "bio")).commit();
  }

  /** {@return the key of the last event that is one of a table} */
  private static EventSequence last(List<Event> events) {
    List<EventSequence> keys = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Event.OfTable || event instanceof Event.Truncate) {
        keys.add(event.sequence());
      }
    }
    return keys.get(keys.size() - 1);
  }

  private static void assertKey(Destination destination, TableSchema table, EventSequence key) {
    assertThat(destination.lastApplied(table.id())).as("key of %s", table.name()).contains(key);
  }
}
