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

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rule D15 of {@link Destination}: copies whose rows are kept aside until they replace those of
 * the table. Included in {@link DestinationContract}.
 */
public interface ReplacementContract extends DestinationAccess {
  /** The version of a copy of {@link #USERS} that replaces its rows. */
  TableSchema NEW_USERS = USERS.toBuilder().snapshotLsn(new Lsn(0x1000)).build();

  /** The version of another copy of {@link #USERS}, after that one. */
  TableSchema NEWER_USERS = USERS.toBuilder().snapshotLsn(new Lsn(0x2000)).build();

  /** D15: the answer is what the test says; the rows of before stay in any case. */
  @Test
  default void d15_theAnswerIsRight() {
    Destination destination = started(this);
    copyOldUsers(destination);
    assertThat(destination.beginReplacement(USERS, NEW_USERS))
        .as("the answer of beginReplacement; replacesTables() says what it has to be")
        .isEqualTo(replacesTables());
    assertOldUsers();
  }

  /** D15: readers find the old rows up to the end of the copy, and the new ones from there on. */
  @Test
  default void d15_theNewRowsComeAtTheEnd() {
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    assertOldUsers();
    copy(destination, NEW_USERS, row(NEW_USERS, "1", "new", "x"));
    assertOldUsers();
    copy(destination, NEW_USERS, row(NEW_USERS, "3", "Cy", "z"));
    destination.flush();
    assertOldUsers();
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "new", "x"), List.of("3", "Cy", "z"));
  }

  /** D15: the new rows may be none. */
  @Test
  default void d15_anEmptyTableReplacesRows() {
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS);
    assertOldUsers();
    destination.tableCopied(NEW_USERS);
    assertUsers(this);
    stream(destination, TestTransaction.at(0x1100).insert(row(NEW_USERS, "7", "G", "")).commit());
    assertUsers(this, List.of("7", "G", ""));
  }

  /** D15: the table need not be there. The destination may decline, as there is nothing to keep. */
  @Test
  default void d15_thereNeedBeNoOldRows() {
    Destination destination = replacing();
    if (!destination.beginReplacement(null, NEW_USERS)) {
      destination.truncateTable(null, NEW_USERS);
    }
    copy(destination, NEW_USERS, row(NEW_USERS, "1", "Ada", "x"));
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "Ada", "x"));
  }

  /** D15: another table has its own rows aside. */
  @Test
  default void d15_otherTablesStay() {
    TableSchema newItems = ITEMS.toBuilder().snapshotLsn(new Lsn(0x1000)).build();
    Destination destination = replacing();
    copyOldUsers(destination);
    copy(destination, ITEMS, row(ITEMS, "1", "1", "a"));
    begin(destination, NEW_USERS);
    begin(destination, newItems);
    copy(destination, NEW_USERS, row(NEW_USERS, "1", "new", "x"));
    copy(destination, newItems, row(newItems, "2", "2", "b"));
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "new", "x"));
    assertContent(this, ITEMS, List.of("1", "1", "a"));
    destination.tableCopied(newItems);
    assertContent(this, ITEMS, List.of("2", "2", "b"));
  }

  /** D15: what an earlier replacement has brought is not among the new rows, nor among the old. */
  @Test
  default void d15_aCopyStartsOver() {
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "4", "gone", ""));
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "5", "gone", ""));
    Destination afterCrash = started(this);
    begin(afterCrash, NEWER_USERS);
    assertOldUsers();
    copy(afterCrash, NEWER_USERS, row(NEWER_USERS, "1", "newer", "x"));
    assertOldUsers();
    afterCrash.tableCopied(NEWER_USERS);
    assertUsers(this, List.of("1", "newer", "x"));
  }

  /** D15: a truncation discards what is kept aside; the rows that follow it are found at once. */
  @Test
  default void d15_aTruncationMayFollow() {
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "4", "gone", ""));
    destination.truncateTable(NEW_USERS, NEWER_USERS);
    assertUsers(this);
    copy(destination, NEWER_USERS, row(NEWER_USERS, "1", "newer", "x"));
    assertUsers(this, List.of("1", "newer", "x"));
    destination.tableCopied(NEWER_USERS);
    assertUsers(this, List.of("1", "newer", "x"));
    destination.truncateTable(NEWER_USERS, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "2", "new", "y"));
    assertUsers(this, List.of("2", "new", "y"));
  }

  /** D15: a copy that had been found at once may be followed by one that replaces it. */
  @Test
  default void d15_rowsOfATruncatedTableStayToo() {
    Destination destination = replacing();
    destination.truncateTable(USERS);
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "1", "new", "x"));
    assertOldUsers();
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "new", "x"));
  }

  /** D15: accepted rows of a copy that starts over come neither among the old rows nor the new. */
  @Test
  default void d15_acceptedRowsStayOut() {
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    destination.writeTableRows(NEW_USERS, List.of(row(NEW_USERS, "4", "gone", "")));
    begin(destination, NEWER_USERS);
    destination.writeTableRows(NEWER_USERS, List.of(row(NEWER_USERS, "1", "newer", "x")));
    destination.flush();
    assertOldUsers();
    destination.tableCopied(NEWER_USERS);
    destination.flush();
    destination.close();
    assertUsers(this, List.of("1", "newer", "x"));
  }

  /** D15: the key of the last event belongs to the old rows: keys may be smaller afterwards. */
  @Test
  default void d15_keysMayBeSmallerAfterwards() {
    TableSchema restored = USERS.toBuilder().snapshotLsn(new Lsn(0x50)).build();
    List<Event> smaller =
        TestTransaction.at(0x200)
            .insert(row(restored, "3", "Cy", "z"))
            .update(row(restored, "1", "newer", ABSENT))
            .commit();
    Destination destination = replacing();
    copyOldUsers(destination);
    stream(destination, TestTransaction.at(0x900).insert(row(USERS, "9", "old", "")).commit());
    begin(destination, restored);
    copy(destination, restored, row(restored, "1", "new", "x"));
    destination.tableCopied(restored);
    stream(destination, smaller);
    assertUsers(this, List.of("1", "newer", "x"), List.of("3", "Cy", "z"));
    Destination afterCrash = started(this);
    stream(afterCrash, smaller);
    stream(
        afterCrash, TestTransaction.at(0x300).delete(row(restored, "3", ABSENT, ABSENT)).commit());
    assertUsers(this, List.of("1", "newer", "x"));
  }

  /** D15: the end may be repeated, also by another process, and behind events. */
  @Test
  default void d15_theEndMayBeRepeated() {
    List<Event> events =
        TestTransaction.at(0x1100)
            .insert(row(NEW_USERS, "2", "Bob", "y"))
            .delete(row(NEW_USERS, "1", ABSENT, ABSENT))
            .commit();
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "1", "new", "x"));
    destination.tableCopied(NEW_USERS);
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "new", "x"));
    stream(destination, events);
    Destination afterCrash = started(this);
    afterCrash.tableCopied(NEW_USERS);
    assertUsers(this, List.of("2", "Bob", "y"));
    stream(afterCrash, events);
    assertUsers(this, List.of("2", "Bob", "y"));
  }

  /** D15: the end survives a crash, without flush or close. */
  @Test
  default void d15_theEndSurvivesACrash() {
    Destination crashing = replacing();
    copyOldUsers(crashing);
    begin(crashing, NEW_USERS);
    copy(crashing, NEW_USERS, row(NEW_USERS, "1", "new", "x"));
    crashing.tableCopied(NEW_USERS);
    Destination destination = started(this);
    assertUsers(this, List.of("1", "new", "x"));
    stream(destination, TestTransaction.at(0x1100).insert(row(NEW_USERS, "2", "B", "")).commit());
    assertUsers(this, List.of("1", "new", "x"), List.of("2", "B", ""));
  }

  /** D15: rows that are kept aside survive a crash like others, and more of them may come. */
  @Test
  default void d15_aReplacementContinuesAfterACrash() {
    Destination crashing = continuing();
    copyOldUsers(crashing);
    begin(crashing, NEW_USERS);
    copy(crashing, NEW_USERS, row(NEW_USERS, "1", "new", "x"));
    Destination destination = started(this);
    assertThat(destination.continueReplacement(NEW_USERS)).as("the answer").isTrue();
    assertOldUsers();
    copy(destination, NEW_USERS, row(NEW_USERS, "4", "Di", ""));
    assertOldUsers();
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "new", "x"), List.of("4", "Di", ""));
  }

  /** D15: a copy that does not continue leaves the old rows, and starts over. */
  @Test
  default void d15_aReplacementMayStartOverAfterACrash() {
    Destination crashing = replacing();
    copyOldUsers(crashing);
    begin(crashing, NEW_USERS);
    copy(crashing, NEW_USERS, row(NEW_USERS, "4", "gone", ""));
    Destination destination = started(this);
    boolean unused = destination.continueReplacement(NEW_USERS);
    assertOldUsers();
    begin(destination, NEWER_USERS);
    copy(destination, NEWER_USERS, row(NEWER_USERS, "1", "newer", "x"));
    destination.tableCopied(NEWER_USERS);
    assertUsers(this, List.of("1", "newer", "x"));
  }

  /** D15: ranges of the copy are removed from what is kept aside, not from the old rows. */
  @Test
  default void d15_rangesAreRemovedFromTheNewRows() {
    assumeThat(removesRanges()).as("ranges are removed").isTrue();
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    copy(
        destination,
        NEW_USERS,
        row(NEW_USERS, "1", "new", "x"),
        row(NEW_USERS, "2", "again", ""),
        row(NEW_USERS, "3", "again", ""));
    assertThat(destination.removeRange(NEW_USERS, new KeyRange("id", "2", null))).isTrue();
    assertOldUsers();
    copy(destination, NEW_USERS, row(NEW_USERS, "3", "Cy", "z"));
    assertOldUsers();
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "new", "x"), List.of("3", "Cy", "z"));
  }

  /** D15: after the end, calls of the same version concern the rows that readers find. */
  @Test
  default void d15_aRangeMayBeCopiedAgainLater() {
    assumeThat(removesRanges()).as("ranges are removed").isTrue();
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "1", "new", "x"), row(NEW_USERS, "2", "B", "y"));
    destination.tableCopied(NEW_USERS);
    assertThat(destination.removeRange(NEW_USERS, new KeyRange("id", "2", null))).isTrue();
    assertUsers(this, List.of("1", "new", "x"));
    copy(destination, NEW_USERS, row(NEW_USERS, "3", "Cy", "z"));
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "new", "x"), List.of("3", "Cy", "z"));
  }

  /** D15: a replacement that never ends does not take what is meant for the old rows. */
  @Test
  default void d15_otherVersionsConcernTheOldRows() {
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "4", "gone", ""));
    stream(
        destination,
        TestTransaction.at(0x100)
            .update(row(USERS, "1", "Ida", ABSENT))
            .insert(row(USERS, "5", "Eve", "v"))
            .commit());
    assertUsers(this, List.of("1", "Ida", "x"), List.of("2", "Bob", "y"), List.of("5", "Eve", "v"));
    if (removesRanges()) {
      assertThat(destination.removeRange(USERS, new KeyRange("id", "2", null))).isTrue();
      copy(destination, USERS, row(USERS, "2", "Bob", "y"), row(USERS, "5", "Eve", "v"));
    }
    destination.tableCopied(USERS);
    assertUsers(this, List.of("1", "Ida", "x"), List.of("2", "Bob", "y"), List.of("5", "Eve", "v"));
  }

  /** D15: the new rows have other columns; those of the old rows stay until the end. */
  @Test
  default void d15_theNewRowsMayHaveOtherColumns() {
    assumeThat(supportsSchemaChanges()).as("schema changes are supported").isTrue();
    TableSchema other =
        TestTable.named("users")
            .version(new Lsn(0x1000))
            .key("id", TestTable.INT8)
            .column("bio", TestTable.TEXT)
            .column("mail", TestTable.TEXT)
            .build();
    Destination destination = replacing();
    copyOldUsers(destination);
    begin(destination, other);
    copy(destination, other, row(other, "1", "X", "@"));
    assertOldUsers();
    destination.tableCopied(other);
    stream(destination, TestTransaction.at(0x1100).insert(row(other, "2", "Y", null)).commit());
    assertContent(this, other, List.of("1", "X", "@"), asList("2", "Y", null));
  }

  /** D15: the table was renamed, and again while its copy was interrupted. */
  @Test
  default void d15_theNewRowsMayHaveAnotherName() {
    assumeThat(supportsSchemaChanges()).as("schema changes are supported").isTrue();
    TableSchema people = NEW_USERS.toBuilder().name(new TableName("public", "people")).build();
    TableSchema persons = NEWER_USERS.toBuilder().name(new TableName("public", "persons")).build();
    Destination crashing = replacing();
    copyOldUsers(crashing);
    begin(crashing, people);
    copy(crashing, people, row(people, "4", "gone", ""));
    assertOldUsers();
    Destination destination = started(this);
    assertThat(destination.beginReplacement(people, persons)).as("the answer").isTrue();
    assertOldUsers();
    copy(destination, persons, row(persons, "1", "Ada", "x"));
    destination.tableCopied(persons);
    stream(destination, TestTransaction.at(0x2100).insert(row(persons, "3", "C", "z")).commit());
    assertContent(this, persons, List.of("1", "Ada", "x"), List.of("3", "C", "z"));
  }

  /** D15: an end that fails is not reported as done; a retry succeeds. */
  @Test
  default void d15_failuresAreThrown() {
    assumeThat(canBreakTarget()).as("the target can be broken").isTrue();
    Destination destination = replacing();
    copyOldUsers(destination);
    breakTarget(true);
    assertFails(() -> destination.beginReplacement(USERS, NEW_USERS));
    breakTarget(false);
    begin(destination, NEW_USERS);
    copy(destination, NEW_USERS, row(NEW_USERS, "1", "new", "x"));
    breakTarget(true);
    assertFails(() -> destination.tableCopied(NEW_USERS));
    breakTarget(false);
    destination.tableCopied(NEW_USERS);
    assertUsers(this, List.of("1", "new", "x"));
  }

  private static void assertFails(Runnable call) {
    assertThatCode(call::run)
        .as("a call that cannot be done must throw")
        .isInstanceOf(RuntimeException.class);
  }

  private Destination replacing() {
    assumeThat(replacesTables()).as("tables are replaced").isTrue();
    return started(this);
  }

  private Destination continuing() {
    assumeThat(continuesReplacements()).as("replacements continue").isTrue();
    return started(this);
  }

  private static void begin(Destination destination, TableSchema next) {
    assertThat(destination.beginReplacement(USERS, next))
        .as("the answer of beginReplacement")
        .isTrue();
  }

  private static void copyOldUsers(Destination destination) {
    copy(destination, USERS, row(USERS, "1", "Ada", "x"), row(USERS, "2", "Bob", "y"));
  }

  private void assertOldUsers() {
    assertUsers(this, List.of("1", "Ada", "x"), List.of("2", "Bob", "y"));
  }
}
