package dev.pgetl.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class KeptDestinationTest {
  private static final TableSchema TABLE =
      TestTable.named("narrow").key("id", TestTable.INT8).build();

  private static final Task TASK =
      Task.of(Task.Mode.RESUME).with(Setting.ROWS, 10).with(Setting.ROWS_PER_SECOND, 1_000_000);

  @TempDir private Path folder;

  @Test
  void isCompleteWhenItHasEveryRow() throws IOException, InterruptedException {
    KeptRows kept = open();
    KeptDestination destination = new KeptDestination(TASK, kept);

    assertThat(destination.writeTableRows(TABLE, rows(1, 10))).isEqualTo(WriteResult.DURABLE);

    destination.awaitComplete();
    assertThat(destination.taken()).isEqualTo(10);
    assertThat(kept.present()).isEqualTo(10);
  }

  @Test
  void stopsInTheMiddleOfABatch() throws IOException, InterruptedException {
    KeptRows kept = open();
    KeptDestination destination = new KeptDestination(TASK.with(Setting.HALT_AT, 9), kept);
    Thread writer = new Thread(() -> destination.writeTableRows(TABLE, rows(1, 10)));
    writer.setUncaughtExceptionHandler((thread, expected) -> {});
    writer.start();

    destination.awaitHalt();

    assertThat(writer.isAlive()).isTrue();
    assertThat(kept.present()).isEqualTo(9);
    writer.interrupt();
    writer.join();
    assertThat(kept.present()).isEqualTo(9);
  }

  @Test
  void aNewOneHasWhatTheLastOneTook() throws IOException, InterruptedException {
    new KeptDestination(TASK, open()).writeTableRows(TABLE, rows(1, 9));
    KeptRows kept = open();
    KeptDestination resumed = new KeptDestination(TASK, kept);

    resumed.writeTableRows(TABLE, rows(10, 10));

    resumed.awaitComplete();
    assertThat(resumed.taken()).isEqualTo(1);
    assertThat(kept.accepted()).isEqualTo(10);
  }

  @Test
  void rowsThatAreCopiedFromTheBeginningWereAcceptedTwice() throws IOException {
    new KeptDestination(TASK, open()).writeTableRows(TABLE, rows(1, 9));
    KeptRows kept = open();
    KeptDestination again = new KeptDestination(TASK, kept);

    again.truncateTable(TABLE);
    again.writeTableRows(TABLE, rows(1, 10));

    assertThat(kept.present()).isEqualTo(10);
    assertThat(kept.accepted()).isEqualTo(19);
  }

  @Test
  void aRangeThatIsCopiedAgainIsThereOnce() throws IOException, InterruptedException {
    new KeptDestination(TASK, open()).writeTableRows(TABLE, rows(1, 9));
    KeptRows kept = open();
    KeptDestination resumed = new KeptDestination(TASK, kept);

    assertThat(resumed.removeRange(TABLE, new KeyRange("id", "6", null))).isTrue();
    assertThat(resumed.removeRange(TABLE, new KeyRange("id", null, "2"))).isTrue();
    assertThat(kept.present()).isEqualTo(4);
    resumed.writeTableRows(TABLE, rows(1, 1));
    resumed.writeTableRows(TABLE, rows(6, 10));

    resumed.awaitComplete();
    assertThat(kept.present()).isEqualTo(10);
    assertThat(kept.accepted()).isEqualTo(15);
  }

  private KeptRows open() throws IOException {
    return KeptRows.open(folder.resolve("rows"), 10);
  }

  private static List<TableRow> rows(long first, long last) {
    return LongStream.rangeClosed(first, last)
        .mapToObj(key -> TestTable.row(TABLE, Long.toString(key)))
        .toList();
  }
}
