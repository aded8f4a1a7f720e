package dev.pgetl.testkit.destination;

import static dev.pgetl.testkit.data.TestTable.INT8;
import static dev.pgetl.testkit.data.TestTable.TEXT;
import static dev.pgetl.testkit.data.TestTable.row;
import static dev.pgetl.testkit.destination.Operation.CONTINUE;
import static dev.pgetl.testkit.destination.Operation.REPLACE;
import static dev.pgetl.testkit.destination.Operation.TRUNCATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.destination.Call.Outcome;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A recording destination that keeps the rows of copies aside. */
class ReplacingDestinationTest {
  private static final TableSchema USERS =
      TestTable.named("users").key("id", INT8).column("name", TEXT).build();
  private static final TableSchema PEOPLE =
      USERS.toBuilder()
          .name(new TableName("public", "people"))
          .snapshotLsn(new Lsn(0x1000))
          .build();
  private static final TableRow OLD = row(USERS, "1", "a");
  private static final TableRow NEW = row(PEOPLE, "2", "b");

  private final RecordingDestination destination = RecordingDestination.replacing();

  /** The table has its new name when the new rows are there. */
  @Test
  void showsWhatReadersFindAndWhatIsKeptAside() {
    destination.writeTableRows(USERS, List.of(OLD));
    destination.writeEvents(TestTransaction.at(0x900).insert(row(USERS, "9", "z")).commit());
    assertThat(destination.beginReplacement(USERS, PEOPLE)).isTrue();
    destination.writeTableRows(PEOPLE, List.of(NEW, row(PEOPLE, "3", "c")));
    destination.removeRange(PEOPLE, new KeyRange("id", "3", null));
    assertThat(destination.continueReplacement(PEOPLE)).isTrue();

    assertThat(destination.tables()).containsExactly("public.users");
    assertThat(destination.copiedRows("users")).containsExactly(OLD);
    assertThat(destination.materialise("users")).hasSize(2);
    assertThat(destination.keptAside("users")).containsExactly(NEW);
    assertThat(destination.replacements("users")).isZero();

    destination.tableCopied(PEOPLE);
    destination.tableCopied(PEOPLE);
    destination.writeEvents(TestTransaction.at(0x100).insert(row(PEOPLE, "4", "d")).commit());

    assertThat(destination.tables()).containsExactly("public.people");
    assertThat(destination.copiedRows("people")).containsExactly(NEW);
    assertThat(destination.materialise("people")).hasSize(2).contains(NEW);
    assertThat(destination.keptAside("people")).isEmpty();
    assertThat(destination.replacements("people")).isEqualTo(1);
    assertThat(destination.rowWrites("people")).isEqualTo(2);
    assertThat(destination.calls(REPLACE)).extracting(Call::table).containsExactly(PEOPLE);
    assertThat(destination.calls(REPLACE).toString()).contains("people");
  }

  @Test
  void discardsWhatIsKeptAside() {
    destination.beginReplacement(null, PEOPLE);
    destination.writeTableRows(PEOPLE, List.of(NEW));
    destination.beginReplacement(null, PEOPLE);
    assertThat(destination.keptAside("people")).isEmpty();
    destination.writeTableRows(PEOPLE, List.of(NEW));
    destination.truncateTable(PEOPLE, USERS);
    destination.writeTableRows(USERS, List.of(OLD));
    destination.tableCopied(USERS);

    assertThat(destination.keptAside("users")).isEmpty();
    assertThat(destination.copiedRows("users")).containsExactly(OLD);
    assertThat(destination.replacements("users")).isZero();
  }

  @Test
  void declinesAsTheScriptSays() {
    destination.on(REPLACE).of("people").once().decline();
    destination.on(CONTINUE).once().decline();

    assertThat(destination.beginReplacement(null, PEOPLE)).isFalse();
    assertThat(destination.calls()).as("a truncation follows").isEmpty();
    assertThat(destination.beginReplacement(null, PEOPLE)).isTrue();
    assertThat(destination.continueReplacement(PEOPLE)).isFalse();
    assertThat(destination.calls())
        .extracting(Call::outcome)
        .containsExactly(Outcome.DURABLE, Outcome.DECLINED);
  }

  @Test
  void declinesWithoutBeingAskedTo() {
    RecordingDestination truncating = new RecordingDestination();
    RecordingDestination outer = new RecordingDestination(truncating);

    assertThat(outer.beginReplacement(USERS, PEOPLE)).isFalse();
    assertThat(outer.continueReplacement(PEOPLE)).isFalse();
    outer.truncateTable(USERS, PEOPLE);

    assertThat(outer.calls(TRUNCATE)).hasSize(1);
    assertThat(new RecordingDestination(destination).beginReplacement(USERS, PEOPLE)).isTrue();
  }
}
