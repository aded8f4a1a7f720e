package dev.pgetl.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptRowsTest {
  @TempDir private Path folder;

  @Test
  void countsEveryRowUpToTheLargestKey() throws IOException {
    KeptRows rows = KeptRows.open(folder.resolve("rows"), 16);

    for (long key = 0; key <= 16; key++) {
      rows.add(key);
    }

    assertThat(rows.distinct()).isEqualTo(17);
    assertThat(rows.present()).isEqualTo(17);
    assertThat(rows.accepted()).isEqualTo(17);
  }

  @Test
  void aRowThatIsAddedAgainIsThereTwice() throws IOException {
    KeptRows rows = KeptRows.open(folder.resolve("rows"), 9);

    rows.add(9);
    rows.add(9);

    assertThat(rows.distinct()).isEqualTo(1);
    assertThat(rows.present()).isEqualTo(2);
  }

  @Test
  void rowsThatAreRemovedWereAcceptedAllTheSame() throws IOException {
    KeptRows rows = KeptRows.open(folder.resolve("rows"), 9);
    rows.add(1);
    rows.add(8);

    rows.clear();
    rows.add(8);

    assertThat(rows.distinct()).isEqualTo(1);
    assertThat(rows.present()).isEqualTo(1);
    assertThat(rows.accepted()).isEqualTo(3);
  }

  @Test
  void rowsOfARangeAreRemovedAndComeAgain() throws IOException {
    KeptRows rows = KeptRows.open(folder.resolve("rows"), 16);
    for (long key = 0; key <= 16; key++) {
      rows.add(key);
    }

    rows.remove(7, 10);
    assertThat(rows.distinct()).isEqualTo(14);
    rows.add(9);
    rows.remove(-5, 1);
    rows.remove(16, Long.MAX_VALUE);

    assertThat(rows.distinct()).isEqualTo(13);
    assertThat(rows.present()).isEqualTo(13);
    assertThat(rows.accepted()).isEqualTo(18);
  }

  @Test
  void theFileHasThemWhenItIsOpenedAgain() throws IOException {
    Path file = folder.resolve("rows");
    KeptRows.open(file, 9).add(3);

    KeptRows again = KeptRows.open(file, 9);
    again.add(3);

    assertThat(again.distinct()).isEqualTo(1);
    assertThat(again.present()).isEqualTo(2);
    assertThat(again.accepted()).isEqualTo(2);
  }
}
