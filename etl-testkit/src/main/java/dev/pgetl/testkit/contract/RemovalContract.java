package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.assertContent;
import static dev.pgetl.testkit.contract.Destinations.assertUsers;
import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.settle;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.contract.Destinations.stream;
import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The rule D14 of {@link Destination}: the removal of ranges. Included in {@link
 * DestinationContract}.
 */
public interface RemovalContract extends DestinationAccess {
  /** D14: the answer is what the test says; without a removal nothing changes. */
  @Test
  default void d14_theAnswerIsRight() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"), row(USERS, "2", "Bob", "y"));
    assertThat(destination.removeRange(USERS, ids("2", "3")))
        .as("the answer of removeRange; removesRanges() says what it has to be")
        .isEqualTo(removesRanges());
    assertThat(content(USERS)).hasSize(removesRanges() ? 1 : 2);
  }

  /** D14: the first bound is in the range, the last is not; numbers are in the order of numbers. */
  @Test
  default void d14_theRowsOfTheRangeAreGone() {
    Destination destination = removing();
    copyUsers(destination, "-20", "-3", "1", "2", "9", "10", "100");
    remove(destination, "-3", "2");
    assertIds("-20", "2", "9", "10", "100");
    remove(destination, "9", "100");
    assertIds("-20", "2", "100");
  }

  /** D14: numbers that are the same as a double. */
  @Test
  default void d14_largeKeysAreExact() {
    Destination destination = removing();
    copyUsers(destination, "9007199254740992", "9007199254740993", "9223372036854775807");
    remove(destination, "9007199254740993", "9223372036854775807");
    assertIds("9007199254740992", "9223372036854775807");
  }

  /** D14: a range may have no beginning, and no end. */
  @Test
  default void d14_rangesMayBeOpen() {
    Destination destination = removing();
    copyUsers(destination, "-9223372036854775808", "-1", "5", "9223372036854775807");
    remove(destination, null, "-1");
    assertIds("-1", "5", "9223372036854775807");
    remove(destination, "6", null);
    assertIds("-1", "5");
    remove(destination, null, null);
    assertIds();
  }

  /** D14: the range is one of the first key column, whatever the others hold. */
  @Test
  default void d14_otherTablesStay() {
    Destination destination = removing();
    copyUsers(destination, "1", "2");
    copy(
        destination,
        ITEMS,
        row(ITEMS, "1", "2", "a"),
        row(ITEMS, "2", "1", "b"),
        row(ITEMS, "2", "2", "c"),
        row(ITEMS, "3", "2", "d"));
    assertRemoved(destination.removeRange(ITEMS, new KeyRange("order_id", "2", "3")));
    assertContent(this, ITEMS, List.of("1", "2", "a"), List.of("3", "2", "d"));
    assertIds("1", "2");
  }

  /** D14: there may be no row, and no table. */
  @Test
  default void d14_nothingNeedBeThere() {
    Destination destination = removing();
    remove(destination, "1", "9");
    assertUsers(this);
    copy(destination, USERS);
    remove(destination, "1", "9");
    copyUsers(destination, "9");
    remove(destination, "1", "9");
    assertIds("9");
  }

  /** D14: a repetition is harmless, also in another process, as is a range inside another. */
  @Test
  default void d14_aRepetitionIsHarmless() {
    Destination destination = removing();
    copyUsers(destination, "1", "2", "3", "4");
    remove(destination, "2", "4");
    remove(destination, "2", "4");
    remove(destination, "3", "4");
    assertIds("1", "4");
    remove(started(this), "2", "4");
    assertIds("1", "4");
  }

  /** D14: a removal that was answered survives a crash, without flush or close. */
  @Test
  default void d14_aRemovalSurvivesACrash() {
    Destination crashing = removing();
    copyUsers(crashing, "1", "2", "3");
    remove(crashing, "2", "3");
    Destination destination = started(this);
    assertIds("1", "3");
    copyUsers(destination, "4");
    assertIds("1", "3", "4");
  }

  /** D14: accepted rows of the range never come late; accepted rows of no range come. */
  @Test
  default void d14_acceptedRowsOfTheRangeStayOut() {
    Destination destination = removing();
    destination.truncateTable(USERS);
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "a", ""), row(USERS, "2", "b", "")));
    destination.writeTableRows(USERS, List.of(row(USERS, "3", "c", "")));
    remove(destination, "2", "3");
    destination.flush();
    assertUsers(this, List.of("1", "a", ""), List.of("3", "c", ""));
    destination.close();
    assertUsers(this, List.of("1", "a", ""), List.of("3", "c", ""));
  }

  /** D14: the rows come again, the same or others, and are there once. */
  @Test
  default void d14_rowsThatComeAgainAreThereOnce() {
    Destination destination = removing();
    destination.truncateTable(USERS);
    copyUsers(destination, "1", "2");
    copyUsers(destination, "3", "4");
    remove(destination, "3", null);
    copyUsers(destination, "3", "4");
    assertIds("1", "2", "3", "4");
    remove(destination, "3", null);
    copy(destination, USERS, row(USERS, "4", "new", "x"), row(USERS, "5", "Eve", "y"));
    assertUsers(
        this,
        List.of("1", "name", "bio"),
        List.of("2", "name", "bio"),
        List.of("4", "new", "x"),
        List.of("5", "Eve", "y"));
  }

  /** D14: the process that continues a copy is another, and makes the same calls again. */
  @Test
  default void d14_rowsComeAgainAfterACrash() {
    Destination crashing = removing();
    crashing.truncateTable(USERS);
    copyUsers(crashing, "1", "2");
    for (int crash = 0; crash < 2; crash++) {
      Destination destination = started(this);
      remove(destination, "1", "3");
      assertIds();
      copyUsers(destination, "1", "2");
      assertIds("1", "2");
    }
  }

  /** D14: a copy that was continued ends as any other. */
  @Test
  default void d14_eventsFollow() {
    Destination destination = removing();
    destination.truncateTable(USERS);
    copyUsers(destination, "1", "2", "3");
    remove(destination, "2", "3");
    copyUsers(destination, "2");
    destination.tableCopied(USERS);
    stream(
        destination,
        TestTransaction.at(0x100)
            .update(row(USERS, "2", "Bob", ABSENT))
            .insert(row(USERS, "4", "Di", "z"))
            .delete(row(USERS, "3", ABSENT, ABSENT))
            .updateFrom(row(USERS, "1", ABSENT, ABSENT), row(USERS, "3", "Cy", ABSENT))
            .commit());
    assertUsers(
        this, List.of("2", "Bob", "bio"), List.of("3", "Cy", "bio"), List.of("4", "Di", "z"));
  }

  /** D14: an event that was delivered before a removal is known after it, and after its rows. */
  @Test
  default void d14_theLastKeyStays() {
    List<Event> events =
        TestTransaction.at(0x100)
            .insert(row(USERS, "1", "Ada", "x"))
            .insert(row(USERS, "2", "Bob", "y"))
            .updateFrom(row(USERS, "2", ABSENT, ABSENT), row(USERS, "3", "Cy", "Y"))
            .delete(row(USERS, "1", ABSENT, ABSENT))
            .commit();
    Destination destination = removing();
    copyUsers(destination, "7", "8");
    stream(destination, events);
    remove(destination, "7", null);
    stream(destination, events);
    copyUsers(destination, "8");
    stream(destination, events);
    assertUsers(this, List.of("3", "Cy", "Y"), List.of("8", "name", "bio"));
    Destination afterCrash = started(this);
    stream(afterCrash, events);
    assertUsers(this, List.of("3", "Cy", "Y"), List.of("8", "name", "bio"));
  }

  /** D14: a truncation follows where the copy starts over. */
  @Test
  default void d14_aTruncationMayFollow() {
    Destination destination = removing();
    copyUsers(destination, "1", "2");
    remove(destination, "1", "2");
    destination.truncateTable(USERS);
    copyUsers(destination, "1");
    assertIds("1");
  }

  /** D14: a removal that fails is not reported as done; a retry succeeds. */
  @Test
  default void d14_failuresAreThrown() {
    assumeThat(canBreakTarget()).as("the target can be broken").isTrue();
    Destination destination = removing();
    copyUsers(destination, "1", "2");
    breakTarget(true);
    assertThatCode(() -> destination.removeRange(USERS, ids("1", "2")))
        .as("a call that cannot be done must throw")
        .isInstanceOf(RuntimeException.class);
    breakTarget(false);
    remove(destination, "1", "2");
    assertIds("2");
  }

  private Destination removing() {
    assumeThat(removesRanges()).as("ranges are removed").isTrue();
    return started(this);
  }

  private static void remove(Destination destination, @Nullable String from, @Nullable String to) {
    assertRemoved(destination.removeRange(USERS, ids(from, to)));
  }

  private static void assertRemoved(boolean removed) {
    assertThat(removed).as("the answer of removeRange").isTrue();
  }

  private static KeyRange ids(@Nullable String from, @Nullable String to) {
    return new KeyRange("id", from, to);
  }

  private static void copyUsers(Destination destination, String... ids) {
    TableRow[] rows = new TableRow[ids.length];
    for (int i = 0; i < ids.length; i++) {
      rows[i] = row(USERS, ids[i], "name", "bio");
    }
    settle(destination, destination.writeTableRows(USERS, List.of(rows)));
  }

  private void assertIds(String... ids) {
    assertThat(content(USERS)).extracting(values -> values.get(0)).containsExactlyInAnyOrder(ids);
  }
}
