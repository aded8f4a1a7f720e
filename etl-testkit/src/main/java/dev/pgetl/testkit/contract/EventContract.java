package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.assertContent;
import static dev.pgetl.testkit.contract.Destinations.assertUsers;
import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.settle;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.contract.Destinations.stream;
import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rules D4, D7 and D8 of {@link Destination}: what events do. Included in {@link
 * DestinationContract}.
 */
public interface EventContract extends DestinationAccess {
  /** D4: the order of the list, inside a transaction and across transactions and calls. */
  @Test
  default void d4_eventsApplyInOrder() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"), row(USERS, "2", "Bob", "y"));
    List<Event> events =
        new ArrayList<>(
            TestTransaction.at(0x100)
                .delete(row(USERS, "1", ABSENT, ABSENT))
                .insert(row(USERS, "1", "again", "a"))
                .update(row(USERS, "2", "two", "y"))
                .delete(row(USERS, "2", ABSENT, ABSENT))
                .commit());
    events.addAll(
        TestTransaction.at(0x200)
            .insert(row(USERS, "2", "back", "b"))
            .update(row(USERS, "1", "last", "a"))
            .commit());
    stream(destination, List.copyOf(events));
    stream(destination, TestTransaction.at(0x300).update(row(USERS, "2", "end", "b")).commit());
    assertUsers(this, List.of("1", "last", "a"), List.of("2", "end", "b"));
  }

  /** D4: keys that move on, one into the place of the next. */
  @Test
  default void d4_changedKeysLeaveNothingBehind() {
    Destination destination = started(this);
    copy(destination, ITEMS, row(ITEMS, "1", "1", "a"), row(ITEMS, "1", "2", "b"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .updateFrom(row(ITEMS, "1", "2", ABSENT), row(ITEMS, "1", "3", "b"))
            .updateFrom(row(ITEMS, "1", "1", ABSENT), row(ITEMS, "1", "2", "a"))
            .insert(row(ITEMS, "2", "1", "c"))
            .commit());
    assertContent(
        this, ITEMS, List.of("1", "2", "a"), List.of("1", "3", "b"), List.of("2", "1", "c"));
  }

  /** D4: old rows may be complete. */
  @Test
  default void d4_completeOldRowsAreUnderstood() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", null), row(USERS, "2", "Bob", "y"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .updateFrom(row(USERS, "1", "Ada", null), row(USERS, "3", "Ada", "x"))
            .delete(row(USERS, "2", "Bob", "y"))
            .commit());
    assertUsers(this, List.of("3", "Ada", "x"));
  }

  /** D4: a transaction may be cut anywhere. */
  @Test
  default void d4_aTransactionMaySpanCalls() {
    Destination destination = started(this);
    copy(destination, USERS);
    List<Event> events =
        TestTransaction.at(0x100)
            .insert(row(USERS, "1", "Ada", "x"))
            .insert(row(USERS, "2", "Bob", "y"))
            .update(row(USERS, "1", "ADA", "x"))
            .commit();
    for (Event event : events) {
      stream(destination, List.of(event));
    }
    assertUsers(this, List.of("1", "ADA", "x"), List.of("2", "Bob", "y"));
  }

  /**
   * D4: a truncation in the stream empties its tables, and those only, at its place in the order.
   */
  @Test
  default void d4_truncationsEmptyTheirTables() {
    TableSchema other = TestTable.named("other").key("id", TestTable.INT8).build();
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    copy(destination, ITEMS, row(ITEMS, "1", "1", "a"));
    copy(destination, other, row(other, "1"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .insert(row(USERS, "2", "Bob", "y"))
            .truncate(USERS, ITEMS)
            .insert(row(USERS, "3", "Cy", "z"))
            .commit());
    assertUsers(this, List.of("3", "Cy", "z"));
    assertContent(this, ITEMS);
    assertContent(this, other, List.of("1"));
  }

  /** D4: a new version holds from its place in the order. */
  @Test
  default void d4_newVersionsOfATableAreFollowed() {
    assumeThat(supportsSchemaChanges()).as("schema changes are supported").isTrue();
    TableSchema wider =
        TestTable.named("users")
            .key("id", TestTable.INT8)
            .column("name", TestTable.TEXT)
            .column("bio", TestTable.TEXT)
            .column("mail", TestTable.TEXT)
            .build();
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .insert(row(USERS, "2", "Bob", "y"))
            .relation(wider)
            .insert(row(wider, "3", "Cy", "z", "@"))
            .update(row(wider, "1", "Ada", "x", "a@"))
            .commit());
    assertContent(
        this,
        wider,
        List.of("1", "Ada", "x", "a@"),
        asList("2", "Bob", "y", null),
        List.of("3", "Cy", "z", "@"));
  }

  /** D7: an absent column keeps its value, whatever that is. */
  @Test
  default void d7_absentColumnsStayAsTheyAre() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "long"), row(USERS, "2", "Bob", null));
    stream(
        destination,
        TestTransaction.at(0x100)
            .update(row(USERS, "1", "ADA", ABSENT))
            .update(row(USERS, "2", "BOB", ABSENT))
            .insert(row(USERS, "3", "Cy", "long too"))
            .update(row(USERS, "3", null, ABSENT))
            .commit());
    assertUsers(
        this, List.of("1", "ADA", "long"), asList("2", "BOB", null), asList("3", null, "long too"));
  }

  /** D7: also when the key changes. */
  @Test
  default void d7_absentColumnsMoveWithTheKey() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "long"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .updateFrom(row(USERS, "1", ABSENT, ABSENT), row(USERS, "5", "Ada", ABSENT))
            .commit());
    assertUsers(this, List.of("5", "Ada", "long"));
  }

  /** D8: nothing to write. */
  @Test
  default void d8_anEmptyListHasNoEffect() {
    Destination destination = started(this);
    settle(destination, destination.writeEvents(List.of()));
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    settle(destination, destination.writeEvents(List.of()));
    assertUsers(this, List.of("1", "Ada", "x"));
  }

  /** D8: neither has an event that is about no row. */
  @Test
  default void d8_eventsWithoutRowsHaveNoEffect() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    stream(
        destination,
        TestTransaction.at(0x100).message("prefix", "content").relation(USERS).commit());
    stream(destination, TestTransaction.at(0x200).commit());
    assertUsers(this, List.of("1", "Ada", "x"));
  }

  /**
   * D9: what is handed over is not changed: the lists refuse it, and the same objects can be
   * written elsewhere.
   */
  @Test
  default void d9_argumentsAreLeftAsTheyAre() {
    List<TableRow> rows = List.of(row(USERS, "2", "b", "y"), row(USERS, "1", "a", "x"));
    List<Event> events =
        TestTransaction.at(0x100)
            .insert(row(USERS, "4", "d", "w"))
            .insert(row(USERS, "3", "c", "z"))
            .commit();
    for (int i = 0; i < 2; i++) {
      Destination destination = started(this);
      destination.truncateTable(USERS);
      settle(destination, destination.writeTableRows(USERS, rows));
      stream(destination, events);
      destination.close();
    }
    assertThat(rows.get(0).text(0)).isEqualTo("2");
    assertThat(content(USERS)).hasSizeGreaterThanOrEqualTo(2);
  }
}
