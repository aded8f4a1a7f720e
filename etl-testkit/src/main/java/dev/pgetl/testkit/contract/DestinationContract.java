package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@link Destination}, for a destination whose readers see what the source holds. The
 * author supplies a way to open it and a way to read it back.
 *
 * <p>JUnit makes a new test object for every test, so a field can hold what the destinations of one
 * test write to.
 */
public interface DestinationContract {
  /** A table with one key column. */
  TableSchema USERS =
      TestTable.named("users")
          .key("id", TestTable.INT8)
          .column("name", TestTable.TEXT)
          .column("bio", TestTable.TEXT)
          .build();

  /** A table with two key columns. */
  TableSchema ITEMS =
      TestTable.named("items")
          .key("order_id", TestTable.INT8)
          .key("position", TestTable.INT4)
          .column("what", TestTable.TEXT)
          .build();

  /**
   * Opens a destination on what this test has written so far, nothing at first, as a process does
   * that starts.
   *
   * <p>A test opens a second one without closing the first where the process is to have crashed in
   * between. What is open at the end of a test is the author's to close, in a method with
   * {@code @AfterEach}.
   *
   * @return a destination that was not started yet
   */
  Destination openDestination();

  /**
   * {@return what a reader of the destination finds in a table now: for each row its values as
   * Postgres writes them, in the order of the columns of the given version; null for a null} Empty
   * if there is no such table.
   *
   * @param table the version of the table
   */
  List<List<@Nullable String>> content(TableSchema table);

  /**
   * {@return whether {@link #breakTarget} works} Without it nothing tests that a destination
   * reports its failures.
   */
  default boolean canBreakTarget() {
    return false;
  }

  /**
   * Makes every access to what the destination writes to fail, or work again.
   *
   * @param broken whether it fails from now on
   */
  default void breakTarget(boolean broken) {
    throw new UnsupportedOperationException("canBreakTarget() says true; override this as well");
  }

  /**
   * {@return whether the destination follows new versions of a table: a column added in the source
   * is added to it}
   */
  default boolean supportsSchemaChanges() {
    return true;
  }

  private Destination started() {
    Destination destination = openDestination();
    destination.startup();
    return destination;
  }

  private static void copy(Destination destination, TableSchema table, TableRow... rows) {
    settle(destination, destination.writeTableRows(table, List.of(rows)));
  }

  private static void stream(Destination destination, List<Event> events) {
    settle(destination, destination.writeEvents(events));
  }

  private static void settle(Destination destination, WriteResult result) {
    if (result == WriteResult.ACCEPTED) {
      destination.flush();
    }
  }

  private void assertUsers(List<?>... rows) {
    assertContent(USERS, rows);
  }

  private void assertContent(TableSchema table, List<?>... rows) {
    assertThat(new ArrayList<Object>(content(table))).containsExactlyInAnyOrder((Object[]) rows);
  }

  /** D1: what was written is there when the call has returned. */
  @Test
  default void d1_whatWasWrittenIsThere() {
    Destination destination = started();
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"), row(USERS, "2", "Bob", "y"));
    assertUsers(List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .insert(row(USERS, "3", "Cy", "z"))
            .update(row(USERS, "1", "Ada", "X"))
            .delete(row(USERS, "2", ABSENT, ABSENT))
            .commit());
    assertUsers(List.of("1", "Ada", "X"), List.of("3", "Cy", "z"));
  }

  /** D1: values arrive as they are. */
  @Test
  default void d1_valuesArriveAsTheyAre() {
    Destination destination = started();
    String odd = "'\"\\\\N {}[],;\t\r\n\u0001 ü€😀 \u2028";
    copy(
        destination,
        USERS,
        row(USERS, "-9223372036854775808", odd, null),
        row(USERS, "0", "", "null"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .insert(row(USERS, "1", null, odd))
            .insert(row(USERS, "2", "absent", ""))
            .commit());
    assertUsers(
        asList("-9223372036854775808", odd, null),
        List.of("0", "", "null"),
        asList("1", null, odd),
        List.of("2", "absent", ""));
  }

  /** D1: a copy and a stream of many rows lose none. */
  @Test
  default void d1_manyRowsAllArrive() {
    Destination destination = started();
    TestTransaction large = TestTransaction.at(0x100);
    for (int batch = 0; batch < 5; batch++) {
      TableRow[] rows = new TableRow[200];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = row(USERS, Integer.toString(batch * rows.length + i), "name", "bio");
        large.insert(row(USERS, Integer.toString(10_000 + batch * rows.length + i), "n", "b"));
      }
      copy(destination, USERS, rows);
    }
    stream(destination, large.commit());
    assertThat(content(USERS)).hasSize(2000).doesNotHaveDuplicates();
  }

  /** D1: what cannot be done is not reported as done; tried again it is. */
  @Test
  default void d1_failuresAreThrown() {
    assumeThat(canBreakTarget()).as("the target can be broken").isTrue();
    Destination destination = started();
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    List<Event> events = TestTransaction.at(0x100).insert(row(USERS, "3", "Cy", "z")).commit();
    breakTarget(true);
    assertFails(() -> destination.truncateTable(USERS));
    assertFails(() -> copy(destination, USERS, row(USERS, "2", "Bob", "y")));
    assertFails(() -> stream(destination, events));
    breakTarget(false);
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "2", "Bob", "y"));
    stream(destination, events);
    assertUsers(List.of("2", "Bob", "y"), List.of("3", "Cy", "z"));
  }

  private static void assertFails(Runnable call) {
    assertThatCode(call::run)
        .as("a call that cannot be done must throw")
        .isInstanceOf(RuntimeException.class);
  }

  /** D2: what is durable survives a crash: nobody flushes or closes. */
  @Test
  default void d2_durableDataSurvivesACrash() {
    Destination crashing = started();
    copy(crashing, USERS, row(USERS, "1", "Ada", "x"));
    stream(crashing, TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    Destination destination = started();
    assertUsers(List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
    stream(destination, TestTransaction.at(0x200).update(row(USERS, "1", "A", "x")).commit());
    assertUsers(List.of("1", "A", "x"), List.of("2", "Bob", "y"));
  }

  /** D2: a flush makes everything durable that was accepted before, and can come at any time. */
  @Test
  default void d2_flushMakesDurable() {
    Destination crashing = started();
    crashing.flush();
    crashing.writeTableRows(USERS, List.of(row(USERS, "1", "Ada", "x")));
    crashing.writeEvents(TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    crashing.flush();
    crashing.flush();
    started();
    assertUsers(List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
  }

  /** D3: the same events again change nothing. */
  @Test
  default void d3_replayedEventsChangeNothing() {
    List<Event> events =
        TestTransaction.at(0x100)
            .insert(row(USERS, "1", "Ada", "x"))
            .insert(row(USERS, "2", "Bob", "y"))
            .update(row(USERS, "2", "Bob", "Y"))
            .updateFrom(row(USERS, "2", ABSENT, ABSENT), row(USERS, "3", "Cy", "Y"))
            .delete(row(USERS, "1", ABSENT, ABSENT))
            .commit();
    Destination destination = started();
    copy(destination, USERS);
    stream(destination, events);
    stream(destination, events);
    assertUsers(List.of("3", "Cy", "Y"));
    Destination afterCrash = started();
    stream(afterCrash, events);
    assertUsers(List.of("3", "Cy", "Y"));
  }

  /** D3: a replay may be cut in another way, and goes on with what is new. */
  @Test
  default void d3_aReplayMayBeCutInAnotherWay() {
    List<Event> first =
        TestTransaction.at(0x100)
            .insert(row(USERS, "1", "Ada", "x"))
            .insert(row(USERS, "2", "Bob", "y"))
            .update(row(USERS, "1", "ADA", "x"))
            .insert(row(USERS, "3", "Cy", "z"))
            .commit();
    List<Event> second = TestTransaction.at(0x200).delete(row(USERS, "2", ABSENT, ABSENT)).commit();
    Destination destination = started();
    copy(destination, USERS);
    stream(destination, first.subList(0, 4));
    Destination afterCrash = started();
    stream(afterCrash, first.subList(0, 2));
    List<Event> rest = new ArrayList<>(first.subList(2, first.size()));
    rest.addAll(second);
    stream(afterCrash, List.copyOf(rest));
    assertUsers(List.of("1", "ADA", "x"), List.of("3", "Cy", "z"));
  }

  /** D4: the order of the list, inside a transaction and across transactions and calls. */
  @Test
  default void d4_eventsApplyInOrder() {
    Destination destination = started();
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
    assertUsers(List.of("1", "last", "a"), List.of("2", "end", "b"));
  }

  /** D4: keys that move on, one into the place of the next. */
  @Test
  default void d4_changedKeysLeaveNothingBehind() {
    Destination destination = started();
    copy(destination, ITEMS, row(ITEMS, "1", "1", "a"), row(ITEMS, "1", "2", "b"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .updateFrom(row(ITEMS, "1", "2", ABSENT), row(ITEMS, "1", "3", "b"))
            .updateFrom(row(ITEMS, "1", "1", ABSENT), row(ITEMS, "1", "2", "a"))
            .insert(row(ITEMS, "2", "1", "c"))
            .commit());
    assertContent(ITEMS, List.of("1", "2", "a"), List.of("1", "3", "b"), List.of("2", "1", "c"));
  }

  /** D4: old rows may be complete. */
  @Test
  default void d4_completeOldRowsAreUnderstood() {
    Destination destination = started();
    copy(destination, USERS, row(USERS, "1", "Ada", null), row(USERS, "2", "Bob", "y"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .updateFrom(row(USERS, "1", "Ada", null), row(USERS, "3", "Ada", "x"))
            .delete(row(USERS, "2", "Bob", "y"))
            .commit());
    assertUsers(List.of("3", "Ada", "x"));
  }

  /** D4: a transaction may be cut anywhere. */
  @Test
  default void d4_aTransactionMaySpanCalls() {
    Destination destination = started();
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
    assertUsers(List.of("1", "ADA", "x"), List.of("2", "Bob", "y"));
  }

  /**
   * D4: a truncation in the stream empties its tables, and those only, at its place in the order.
   */
  @Test
  default void d4_truncationsEmptyTheirTables() {
    TableSchema other = TestTable.named("other").key("id", TestTable.INT8).build();
    Destination destination = started();
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
    assertUsers(List.of("3", "Cy", "z"));
    assertContent(ITEMS);
    assertContent(other, List.of("1"));
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
    Destination destination = started();
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
        wider,
        List.of("1", "Ada", "x", "a@"),
        asList("2", "Bob", "y", null),
        List.of("3", "Cy", "z", "@"));
  }

  /** D5: all rows of the table go, others stay, and once more does no harm. */
  @Test
  default void d5_truncateRemovesTheRowsOfOneTable() {
    Destination destination = started();
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    copy(destination, ITEMS, row(ITEMS, "1", "1", "a"));
    destination.truncateTable(USERS);
    assertUsers();
    destination.truncateTable(USERS);
    assertUsers();
    assertContent(ITEMS, List.of("1", "1", "a"));
  }

  /** D5: the table need not exist. */
  @Test
  default void d5_truncateOfAnUnknownTableDoesNothing() {
    Destination destination = started();
    destination.truncateTable(USERS);
    assertUsers();
  }

  /** D5: a copy that broke off starts over. */
  @Test
  default void d5_aCopyStartsOver() {
    Destination crashing = started();
    copy(crashing, USERS, row(USERS, "1", "old", "x"), row(USERS, "2", "gone", "y"));
    stream(crashing, TestTransaction.at(0x100).insert(row(USERS, "9", "gone", "")).commit());
    Destination destination = started();
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "new", "x"));
    copy(destination, USERS, row(USERS, "3", "Cy", "z"));
    stream(destination, TestTransaction.at(0x200).insert(row(USERS, "4", "Di", "")).commit());
    assertUsers(List.of("1", "new", "x"), List.of("3", "Cy", "z"), List.of("4", "Di", ""));
  }

  /** D6: a copy of an empty table is one call without rows; events follow. */
  @Test
  default void d6_anEmptyTableIsCreated() {
    Destination destination = started();
    destination.truncateTable(USERS);
    copy(destination, USERS);
    assertUsers();
    stream(destination, TestTransaction.at(0x100).insert(row(USERS, "1", "Ada", "x")).commit());
    assertUsers(List.of("1", "Ada", "x"));
  }

  /** D7: an absent column keeps its value, whatever that is. */
  @Test
  default void d7_absentColumnsStayAsTheyAre() {
    Destination destination = started();
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
        List.of("1", "ADA", "long"), asList("2", "BOB", null), asList("3", null, "long too"));
  }

  /** D7: also when the key changes. */
  @Test
  default void d7_absentColumnsMoveWithTheKey() {
    Destination destination = started();
    copy(destination, USERS, row(USERS, "1", "Ada", "long"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .updateFrom(row(USERS, "1", ABSENT, ABSENT), row(USERS, "5", "Ada", ABSENT))
            .commit());
    assertUsers(List.of("5", "Ada", "long"));
  }

  /** D8: nothing to write. */
  @Test
  default void d8_anEmptyListHasNoEffect() {
    Destination destination = started();
    settle(destination, destination.writeEvents(List.of()));
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    settle(destination, destination.writeEvents(List.of()));
    assertUsers(List.of("1", "Ada", "x"));
  }

  /** D8: neither has an event that is about no row. */
  @Test
  default void d8_eventsWithoutRowsHaveNoEffect() {
    Destination destination = started();
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    stream(
        destination,
        TestTransaction.at(0x100).message("prefix", "content").relation(USERS).commit());
    stream(destination, TestTransaction.at(0x200).commit());
    assertUsers(List.of("1", "Ada", "x"));
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
      Destination destination = started();
      destination.truncateTable(USERS);
      settle(destination, destination.writeTableRows(USERS, rows));
      stream(destination, events);
      destination.close();
    }
    assertThat(rows.get(0).text(0)).isEqualTo("2");
    assertThat(content(USERS)).hasSizeGreaterThanOrEqualTo(2);
  }

  /** D10: closing ends it without losing anything, also if nothing was done. */
  @Test
  default void d10_closingLosesNothing() {
    Destination first = started();
    copy(first, USERS, row(USERS, "1", "Ada", "x"));
    first.close();
    started().close();
    Destination second = started();
    stream(second, TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    second.close();
    assertUsers(List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
  }

  /** Threads: tables copied and streamed at the same time do not disturb each other. */
  @Test
  default void concurrentTablesDoNotDisturbEachOther() {
    Destination destination = started();
    List<TableSchema> tables = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tables.add(
          TestTable.named("table" + i)
              .key("id", TestTable.INT8)
              .column("v", TestTable.TEXT)
              .build());
    }
    Stores.inThreads(tables.size(), thread -> fill(destination, tables.get(thread), thread));
    for (TableSchema table : tables) {
      assertThat(content(table)).as("%s", table).hasSize(100).doesNotHaveDuplicates();
    }
  }

  private static void fill(Destination destination, TableSchema table, int thread) {
    destination.truncateTable(table);
    for (int i = 0; i < 50; i++) {
      copy(destination, table, row(table, Integer.toString(i), "copied"));
    }
    for (int i = 0; i < 50; i++) {
      long commitLsn = 0x100L * (4L * i + thread + 1);
      stream(
          destination,
          TestTransaction.at(commitLsn)
              .insert(row(table, Integer.toString(100 + i), "streamed"))
              .commit());
    }
    destination.flush();
  }
}
