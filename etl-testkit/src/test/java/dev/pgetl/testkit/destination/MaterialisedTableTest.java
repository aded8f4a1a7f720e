package dev.pgetl.testkit.destination;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.INT8;
import static dev.pgetl.testkit.data.TestTable.TEXT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MaterialisedTableTest {
  private static final TableSchema USERS =
      TestTable.named("users").key("id", INT8).column("name", TEXT).column("big", TEXT).build();
  private static final TableSchema NO_KEY =
      TestTable.named("nokey").column("a", TEXT).identity(ReplicaIdentity.FULL).build();

  private final RecordingDestination destination = new RecordingDestination();

  private List<List<@Nullable String>> users() {
    return texts(destination.materialise("users"));
  }

  private static List<List<@Nullable String>> texts(List<TableRow> rows) {
    List<List<@Nullable String>> texts = new ArrayList<>();
    for (TableRow row : rows) {
      List<@Nullable String> cells = new ArrayList<>();
      for (int i = 0; i < row.table().columnCount(); i++) {
        cells.add(row.isPresent(i) ? row.text(i) : "-");
      }
      texts.add(cells);
    }
    return texts;
  }

  @Test
  void appliesChangesToTheCopiedRows() {
    destination.writeTableRows(
        USERS, List.of(row(USERS, "1", "a", "x"), row(USERS, "2", "b", "y")));
    assertThat(users()).containsExactly(List.of("1", "a", "x"), List.of("2", "b", "y"));
    destination.writeEvents(
        TestTransaction.at(0x100)
            .insert(row(USERS, "3", "c", "z"))
            .update(row(USERS, "2", "B", ABSENT))
            .updateFrom(row(USERS, "3", ABSENT, ABSENT), row(USERS, "4", "c", ABSENT))
            .delete(row(USERS, "1", ABSENT, ABSENT))
            .commit());
    assertThat(users()).containsExactly(List.of("2", "B", "y"), List.of("4", "c", "z"));
  }

  @Test
  void ignoresReplays() {
    List<Event> events =
        TestTransaction.at(0x100)
            .insert(row(USERS, "1", "a", "x"))
            .delete(row(USERS, "1", ABSENT, ABSENT))
            .commit();
    destination.writeEvents(events);
    destination.writeEvents(events.subList(0, 2));
    assertThat(users()).isEmpty();
  }

  @Test
  void truncationsEmptyItAndANewCopyStartsOver() {
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "a", "x")));
    destination.writeEvents(TestTransaction.at(0x100).truncate(USERS).commit());
    assertThat(users()).isEmpty();
    destination.writeEvents(TestTransaction.at(0x200).insert(row(USERS, "2", "b", "y")).commit());
    destination.truncateTable(USERS);
    assertThat(users()).isEmpty();
    destination.writeTableRows(USERS, List.of(row(USERS, "3", "c", "z")));
    destination.writeEvents(TestTransaction.at(0x150).insert(row(USERS, "4", "d", "")).commit());
    assertThat(users()).containsExactly(List.of("3", "c", "z"), List.of("4", "d", ""));
  }

  @Test
  void aRemovalOfARangeLeavesOtherRowsAndTheLastKey() {
    List<Event> events =
        TestTransaction.at(0x100)
            .update(row(USERS, "1", "A", "x"))
            .insert(row(USERS, "8", "h", ""))
            .commit();
    destination.writeTableRows(
        USERS,
        List.of(row(USERS, "1", "a", "x"), row(USERS, "9", "i", "y"), row(USERS, "10", "j", "z")));
    destination.writeEvents(events);
    assertThat(users()).hasSize(4);
    destination.removeRange(USERS, new KeyRange("id", "8", "10"));
    assertThat(users()).containsExactlyInAnyOrder(List.of("1", "A", "x"), List.of("10", "j", "z"));
    destination.writeTableRows(USERS, List.of(row(USERS, "9", "I", "Y")));
    destination.writeEvents(events);
    assertThat(users())
        .containsExactlyInAnyOrder(
            List.of("1", "A", "x"), List.of("9", "I", "Y"), List.of("10", "j", "z"));
  }

  @Test
  void knowsRowsWithoutKeyByAllTheirValues() {
    destination.writeTableRows(NO_KEY, List.of(row(NO_KEY, "x"), row(NO_KEY, "x")));
    destination.writeEvents(
        TestTransaction.at(0x100)
            .delete(row(NO_KEY, "x"))
            .insert(row(NO_KEY, "y"))
            .updateFrom(row(NO_KEY, "y"), row(NO_KEY, "z"))
            .commit());
    assertThat(texts(destination.materialise("nokey"))).containsExactly(List.of("x"), List.of("z"));
  }

  @Test
  void knowsRowsWithoutKeyThoughAColumnWasAdded() {
    TableSchema wider =
        TestTable.named("nokey")
            .column("a", TEXT)
            .column("n", TEXT)
            .identity(ReplicaIdentity.FULL)
            .build();
    destination.writeTableRows(
        NO_KEY, List.of(row(NO_KEY, "x"), row(NO_KEY, "y"), row(NO_KEY, "z")));
    destination.writeEvents(
        TestTransaction.at(0x100)
            .relation(wider)
            .insert(row(wider, "x", "1"))
            .delete(row(wider, "x", "1"))
            .delete(row(wider, "x", "7"))
            .updateFrom(row(wider, "y", "7"), row(wider, "y", "8"))
            .insert(row(wider, "z", "2"))
            .delete(row(wider, "z", "7"))
            .commit());
    assertThat(texts(destination.materialise("nokey")))
        .containsExactlyInAnyOrder(List.of("y", "8"), List.of("z", "2"));
  }

  /** As another process's late copy would do it. */
  @Test
  void aCopiedRowThatComesLateReplacesANewerOne() {
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "old", "x")));
    destination.writeEvents(TestTransaction.at(0x100).update(row(USERS, "1", "new", "x")).commit());
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "old", "x")));
    assertThat(users()).containsExactly(List.of("1", "old", "x"));
  }

  @Test
  void followsANewReplicaIdentity() {
    TableSchema full =
        TestTable.named("users")
            .column("id", INT8)
            .column("name", TEXT)
            .column("big", TEXT)
            .identity(ReplicaIdentity.FULL)
            .build();
    destination.writeTableRows(
        USERS, List.of(row(USERS, "1", "a", "x"), row(USERS, "2", "b", "y")));
    destination.writeEvents(
        TestTransaction.at(0x100)
            .delete(row(full, "1", "a", "x"))
            .updateFrom(row(full, "2", "b", "y"), row(full, "2", "c", "y"))
            .commit());
    destination.writeEvents(
        TestTransaction.at(0x200).update(row(USERS, "2", "d", ABSENT)).commit());
    assertThat(users()).containsExactly(List.of("2", "d", "y"));
  }
}
