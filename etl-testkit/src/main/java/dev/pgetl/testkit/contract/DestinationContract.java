package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.assertContent;
import static dev.pgetl.testkit.contract.Destinations.assertUsers;
import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.contract.Destinations.stream;
import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@link Destination}, for a destination whose readers see what the source holds.
 * Those for events, D4, D7 and D8, are in {@link EventContract}, that for the removal of ranges,
 * D14, is in {@link RemovalContract}, that for replacements, D15, in {@link ReplacementContract},
 * that for the last key, D16, in {@link LastKeyContract}, those for epochs, D17 and D19, in {@link
 * EpochContract}, that for whole calls, D18, in {@link WholeCallsContract}, that for what is wrong
 * with it, D20, in {@link DiagnosisContract}, that for refused calls, D21, in {@link
 * RefusalContract}; this includes them.
 */
public interface DestinationContract
    extends EventContract,
        RemovalContract,
        ReplacementContract,
        LastKeyContract,
        EpochContract,
        WholeCallsContract,
        DiagnosisContract,
        RefusalContract {
  /** D1: what was written is there when the call has returned. */
  @Test
  default void d1_whatWasWrittenIsThere() {
    Destination destination = started(this);
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"), row(USERS, "2", "Bob", "y"));
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
    stream(
        destination,
        TestTransaction.at(0x100)
            .insert(row(USERS, "3", "Cy", "z"))
            .update(row(USERS, "1", "Ada", "X"))
            .delete(row(USERS, "2", ABSENT, ABSENT))
            .commit());
    assertUsers(this, List.of("1", "Ada", "X"), List.of("3", "Cy", "z"));
  }

  /** D1: values arrive as they are. */
  @Test
  default void d1_valuesArriveAsTheyAre() {
    Destination destination = started(this);
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
        this,
        asList("-9223372036854775808", odd, null),
        List.of("0", "", "null"),
        asList("1", null, odd),
        List.of("2", "absent", ""));
  }

  /** D1: a copy and a stream of many rows lose none. */
  @Test
  default void d1_manyRowsAllArrive() {
    Destination destination = started(this);
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

  /** D1: a failed call is not reported as done; a retry succeeds. */
  @Test
  default void d1_failuresAreThrown() {
    assumeThat(canBreakTarget()).as("the target can be broken").isTrue();
    Destination destination = started(this);
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
    assertUsers(this, List.of("2", "Bob", "y"), List.of("3", "Cy", "z"));
  }

  private static void assertFails(Runnable call) {
    assertThatCode(call::run)
        .as("a call that cannot be done must throw")
        .isInstanceOf(RuntimeException.class);
  }

  /** D2: durable data survives a crash, without flush or close. */
  @Test
  default void d2_durableDataSurvivesACrash() {
    Destination crashing = started(this);
    copy(crashing, USERS, row(USERS, "1", "Ada", "x"));
    Destination crashingToo = started(this);
    assertUsers(this, List.of("1", "Ada", "x"));
    stream(crashingToo, TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    Destination destination = started(this);
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
    stream(destination, TestTransaction.at(0x200).update(row(USERS, "1", "A", "x")).commit());
    assertUsers(this, List.of("1", "A", "x"), List.of("2", "Bob", "y"));
  }

  /** D2: a flush makes everything durable that was accepted before, and can come at any time. */
  @Test
  default void d2_flushMakesDurable() {
    Destination crashing = started(this);
    crashing.flush();
    crashing.writeTableRows(USERS, List.of(row(USERS, "1", "Ada", "x")));
    crashing.writeEvents(TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    crashing.flush();
    crashing.flush();
    started(this);
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
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
    Destination destination = started(this);
    copy(destination, USERS);
    stream(destination, events);
    stream(destination, events);
    assertUsers(this, List.of("3", "Cy", "Y"));
    Destination afterCrash = started(this);
    stream(afterCrash, events);
    assertUsers(this, List.of("3", "Cy", "Y"));
  }

  /** D3: a replay may be split differently, and continues with new events. */
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
    Destination destination = started(this);
    copy(destination, USERS);
    stream(destination, first.subList(0, 4));
    Destination afterCrash = started(this);
    stream(afterCrash, first.subList(0, 2));
    List<Event> rest = new ArrayList<>(first.subList(2, first.size()));
    rest.addAll(second);
    stream(afterCrash, List.copyOf(rest));
    assertUsers(this, List.of("1", "ADA", "x"), List.of("3", "Cy", "z"));
  }

  /** D5: all rows of the table are removed, others are kept, and a repetition is harmless. */
  @Test
  default void d5_truncateRemovesTheRowsOfOneTable() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    copy(destination, ITEMS, row(ITEMS, "1", "1", "a"));
    destination.truncateTable(USERS);
    assertUsers(this);
    destination.truncateTable(USERS);
    assertUsers(this);
    assertContent(this, ITEMS, List.of("1", "1", "a"));
  }

  /** D5: the table need not exist. */
  @Test
  default void d5_truncateOfAnUnknownTableDoesNothing() {
    Destination destination = started(this);
    destination.truncateTable(USERS);
    assertUsers(this);
  }

  /** D5: a copy that broke off starts over. */
  @Test
  default void d5_aCopyStartsOver() {
    Destination crashing = started(this);
    copy(crashing, USERS, row(USERS, "1", "old", "x"), row(USERS, "2", "gone", "y"));
    stream(crashing, TestTransaction.at(0x100).insert(row(USERS, "9", "gone", "")).commit());
    Destination destination = started(this);
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "new", "x"));
    copy(destination, USERS, row(USERS, "3", "Cy", "z"));
    stream(destination, TestTransaction.at(0x200).insert(row(USERS, "4", "Di", "")).commit());
    assertUsers(this, List.of("1", "new", "x"), List.of("3", "Cy", "z"), List.of("4", "Di", ""));
  }

  /** D5: behind a truncation keys may be smaller: the source was restored, or is another one. */
  @Test
  default void d5_keysMayBeSmallerAfterATruncation() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "old", "x"));
    stream(destination, TestTransaction.at(0x900).insert(row(USERS, "2", "gone", "")).commit());
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "new", "x"));
    List<Event> smaller =
        TestTransaction.at(0x200)
            .insert(row(USERS, "3", "Cy", "z"))
            .update(row(USERS, "1", "newer", "x"))
            .commit();
    stream(destination, smaller);
    assertUsers(this, List.of("1", "newer", "x"), List.of("3", "Cy", "z"));
    Destination afterCrash = started(this);
    stream(afterCrash, smaller);
    stream(afterCrash, TestTransaction.at(0x300).delete(row(USERS, "3", ABSENT, ABSENT)).commit());
    assertUsers(this, List.of("1", "newer", "x"));
  }

  /** D5: what was accepted and not flushed when a copy starts over never comes late. */
  @Test
  default void d5_acceptedRowsStayOutAfterATruncation() {
    Destination destination = started(this);
    destination.truncateTable(USERS);
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "old", "x")));
    destination.writeTableRows(USERS, List.of(row(USERS, "2", "gone", "y")));
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "new", "x"));
    destination.flush();
    destination.close();
    assertUsers(this, List.of("1", "new", "x"));
  }

  /** D6: a copy of an empty table is one call without rows; events follow. */
  @Test
  default void d6_anEmptyTableIsCreated() {
    Destination destination = started(this);
    destination.truncateTable(USERS);
    copy(destination, USERS);
    assertUsers(this);
    stream(destination, TestTransaction.at(0x100).insert(row(USERS, "1", "Ada", "x")).commit());
    assertUsers(this, List.of("1", "Ada", "x"));
  }

  /** D10: closing ends it without losing anything, also if nothing was done. */
  @Test
  default void d10_closingLosesNothing() {
    Destination first = started(this);
    copy(first, USERS, row(USERS, "1", "Ada", "x"));
    first.close();
    started(this).close();
    Destination second = started(this);
    stream(second, TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    second.close();
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
  }

  /** D11: the published tables stay as they are, and more of them may come. */
  @Test
  default void d11_publishedTablesStayAsTheyAre() {
    Destination first = started(this);
    copy(first, USERS, row(USERS, "1", "Ada", "x"));
    first.close();
    Destination destination = started(this);
    destination.tablesPublished(List.of(new NamedTable(USERS.id(), USERS.name(), Set.of())));
    assertUsers(this, List.of("1", "Ada", "x"));
    destination.truncateTable(ITEMS);
    copy(destination, ITEMS, row(ITEMS, "1", "1", "a"));
    stream(destination, TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
    assertContent(this, ITEMS, List.of("1", "1", "a"));
  }

  /** D12: the table has more columns, and no event says so. */
  @Test
  default void d12_aCopyMayHaveOtherColumns() {
    assumeThat(supportsSchemaChanges()).as("schema changes are supported").isTrue();
    TableSchema other =
        TestTable.named("users")
            .key("id", TestTable.INT8)
            .column("bio", TestTable.TEXT)
            .column("mail", TestTable.TEXT)
            .build();
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    destination.truncateTable(USERS, other);
    copy(destination, other, row(other, "1", "X", "@"));
    stream(destination, TestTransaction.at(0x100).insert(row(other, "2", "Y", null)).commit());
    assertContent(this, other, List.of("1", "X", "@"), asList("2", "Y", null));
  }

  /** D12: the table was renamed, and no event says so. */
  @Test
  default void d12_aCopyMayHaveAnotherName() {
    assumeThat(supportsSchemaChanges()).as("schema changes are supported").isTrue();
    TableSchema people = renamed(USERS, "people");
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"), row(USERS, "2", "gone", "y"));
    destination.truncateTable(USERS, people);
    copy(destination, people, row(people, "1", "Ada", "x"));
    stream(destination, TestTransaction.at(0x100).insert(row(people, "3", "Cy", "z")).commit());
    assertContent(this, people, List.of("1", "Ada", "x"), List.of("3", "Cy", "z"));
  }

  /** D12: of a table that was never received, no last version is known. */
  @Test
  default void d12_theLastVersionMayBeUnknown() {
    Destination destination = started(this);
    copy(destination, USERS, row(USERS, "1", "old", "x"), row(USERS, "2", "gone", "y"));
    Destination afterCrash = started(this);
    afterCrash.truncateTable(null, USERS);
    copy(afterCrash, USERS, row(USERS, "1", "Ada", "x"));
    assertUsers(this, List.of("1", "Ada", "x"));
  }

  private static TableSchema renamed(TableSchema table, String name) {
    return TableSchema.builder(table.id(), new TableName(table.name().schema(), name))
        .snapshotLsn(table.snapshotLsn())
        .replicaIdentity(table.replicaIdentity())
        .columns(table.columns())
        .build();
  }

  /** D13: a complete copy stays as it is, events follow, and another copy may. */
  @Test
  default void d13_aCompleteCopyStaysAsItIs() {
    Destination destination = started(this);
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "1", "Ada", "x"));
    destination.tableCopied(USERS);
    destination.tableCopied(USERS);
    assertUsers(this, List.of("1", "Ada", "x"));
    stream(destination, TestTransaction.at(0x100).insert(row(USERS, "2", "Bob", "y")).commit());
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
    destination.truncateTable(USERS);
    copy(destination, USERS, row(USERS, "3", "Cy", "z"));
    destination.tableCopied(USERS);
    assertUsers(this, List.of("3", "Cy", "z"));
  }

  /** Threads: tables copied and streamed at the same time do not disturb each other. */
  @Test
  default void concurrentTablesDoNotDisturbEachOther() {
    Destination destination = started(this);
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
