package dev.pgetl.testkit.crash;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryLogTest {
  /** Row 1 becomes row 2 and keeps its second value, which the event does not send. */
  private static final String MOVED = "U\t7\t0/20\t2\t=Mg,-\t=MQ,-" + DeliveryJournal.END;

  /** Rows 1, 9 and 10; a value of 9 is a null. */
  private static final String[] COPIED = {
    "R\t7\t=MQ,=eA\t0/1" + DeliveryJournal.END,
    "R\t7\t=OQ,~\t0/1" + DeliveryJournal.END,
    "R\t7\t=MTA,=eA\t0/1" + DeliveryJournal.END
  };

  private static final String INSERTED = "I\t7\t0/10\t2\t=MQ,=eA" + DeliveryJournal.END;

  @TempDir private Path directory;

  private DeliveryLog read(String... lines) throws IOException {
    return DeliveryLog.read(Files.write(directory.resolve("journal"), List.of(lines)));
  }

  @Test
  void whatIsRepeatedHasNoEffect() throws IOException {
    DeliveryLog log = read(INSERTED, MOVED, "S\t0/20\t" + DeliveryJournal.END, MOVED);

    assertThat(log.table("7")).containsOnlyKeys("2").containsEntry("2", List.of("2", "x"));
    assertThat(log.repeated()).isEqualTo(1);
    assertThat(log.violations()).isEmpty();
  }

  @Test
  void rowsOfARemovedRangeAreGone() throws IOException {
    DeliveryLog log =
        read(
            COPIED[0],
            COPIED[1],
            COPIED[2],
            "V\t7\t0\t20\tint8\t=Mg\t=MTA\t0/1" + DeliveryJournal.END);

    assertThat(log.table("7")).containsOnlyKeys("1", "10");
    assertThat(log.removedRanges()).isEqualTo(1);
    assertThat(log.violations()).isEmpty();
  }

  @Test
  void rangesMayBeOpenAndOfOtherTables() throws IOException {
    DeliveryLog log =
        read(
            COPIED[0],
            COPIED[1],
            "V\t8\t0\t20\tint8\t~\t~\t0/1" + DeliveryJournal.END,
            "V\t7\t0\t20\tint8\t~\t=Mg\t0/1" + DeliveryJournal.END,
            "V\t7\t0\t20\tint8\t=MTA\t~\t0/1" + DeliveryJournal.END);

    assertThat(log.table("7")).containsOnlyKeys("9");
  }

  @Test
  void aRemovalKeepsTheKeysOfEvents() throws IOException {
    DeliveryLog log =
        read(
            INSERTED,
            MOVED,
            "V\t7\t0\t20\tint8\t=Mg\t~\t0/1" + DeliveryJournal.END,
            "S\t0/10\t" + DeliveryJournal.END,
            INSERTED,
            MOVED);

    assertThat(log.table("7")).isEmpty();
    assertThat(log.violations()).isEmpty();
  }

  @Test
  void readsWhatTheJournalSaysOfARemoval() throws IOException {
    TableSchema table =
        TestTable.named("t").id(7).column("a", TestTable.TEXT).key("id", TestTable.INT8).build();
    RecordingDestination next = new RecordingDestination();
    next.on(Operation.REMOVE).once().decline();
    Path file = directory.resolve("written");
    try (DeliveryJournal journal = new DeliveryJournal(file, Optional.of(next))) {
      journal.writeTableRows(
          table, List.of(row(table, "x", "-3"), row(table, "y", "4"), row(table, null, "50")));
      assertThat(journal.removeRange(table, new KeyRange("id", null, null))).isFalse();
      assertThat(journal.removeRange(table, new KeyRange("id", "4", null))).isTrue();
    }

    assertThat(DeliveryLog.read(file).table("7").values()).containsExactly(List.of("x", "-3"));
  }

  private static final String[] REPLACED = {
    "P\t7\t0/30" + DeliveryJournal.END,
    "R\t7\t=MQ,=eA\t0/30" + DeliveryJournal.END,
    "R\t7\t=Mg,=eA\t0/30" + DeliveryJournal.END,
    "V\t7\t0\t20\tint8\t=Mg\t~\t0/30" + DeliveryJournal.END
  };

  @Test
  void aReplacementCountsOnceItHasEnded() throws IOException {
    List<String> lines = new ArrayList<>(List.of(COPIED));
    lines.addAll(List.of(REPLACED));
    lines.add("E\t7\t0/20" + DeliveryJournal.END);
    lines.add("V\t7\t0\t20\tint8\t=MTA\t~\t0/1" + DeliveryJournal.END);

    assertThat(read(lines.toArray(String[]::new)).table("7")).containsOnlyKeys("1", "9");

    lines.add("E\t7\t0/30" + DeliveryJournal.END);
    lines.add("E\t7\t0/30" + DeliveryJournal.END);
    lines.add("I\t7\t0/10\t2\t=OQ,=eA" + DeliveryJournal.END);
    DeliveryLog log = read(lines.toArray(String[]::new));

    assertThat(log.table("7")).containsOnlyKeys("1", "9").containsEntry("9", List.of("9", "x"));
    assertThat(log.replacements()).isEqualTo(1);
    assertThat(log.violations()).isEmpty();
  }

  @Test
  void aReplacementThatDidNotEndIsDiscarded() throws IOException {
    List<String> lines = new ArrayList<>(List.of(REPLACED));
    lines.add("P\t7\t0/40" + DeliveryJournal.END);
    lines.add("R\t7\t=OQ,~\t0/40" + DeliveryJournal.END);
    lines.add("E\t7\t0/40" + DeliveryJournal.END);
    assertThat(read(lines.toArray(String[]::new)).table("7")).containsOnlyKeys("9");

    lines.addAll(List.of(REPLACED));
    lines.add("X\t7" + DeliveryJournal.END);
    lines.add("E\t7\t0/30" + DeliveryJournal.END);
    assertThat(read(lines.toArray(String[]::new)).table("7")).isEmpty();
  }

  @Test
  void noEventComesWhileRowsAreReplaced() throws IOException {
    assertThat(read("P\t7\t0/30" + DeliveryJournal.END, INSERTED).violations())
        .containsExactly("table 7: 0/10#2 came before the end of a replacement");
  }

  @Test
  void readsWhatTheJournalSaysOfAReplacement() throws IOException {
    TableSchema old = TestTable.named("t").id(7).key("id", TestTable.INT8).build();
    TableSchema table = old.toBuilder().snapshotLsn(new Lsn(0x30)).build();
    Path file = directory.resolve("written");
    try (DeliveryJournal journal =
        new DeliveryJournal(file, Optional.of(RecordingDestination.replacing()))) {
      journal.writeTableRows(old, List.of(row(old, "3")));
      assertThat(journal.beginReplacement(old, table)).isTrue();
      journal.writeTableRows(table, List.of(row(table, "4"), row(table, "50")));
      journal.removeRange(table, new KeyRange("id", "5", null));
      assertThat(DeliveryLog.read(file).table("7")).containsOnlyKeys("3");
      assertThat(journal.continueReplacement(table)).isTrue();
      journal.tableCopied(table);
    }

    assertThat(DeliveryLog.read(file).table("7")).containsOnlyKeys("4");
  }

  @Test
  void anEmptiedTableBeginsAnew() throws IOException {
    DeliveryLog log = read(INSERTED, MOVED, "X\t7" + DeliveryJournal.END, INSERTED);

    assertThat(log.table("7")).containsOnlyKeys("1").containsEntry("1", List.of("1", "x"));
  }
}
