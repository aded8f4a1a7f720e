package dev.pgetl.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.verify.DifferentRow.Kind;
import dev.pgetl.verify.TableReport.Outcome;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableReportTest {
  private static final KeyRange RANGE = new KeyRange("id", "secret 1", "secret 2");

  private static DifferentRow row(RowPart part) {
    return DifferentRow.of(1, 0, List.of("secret 1"), part);
  }

  private static TableReport report(
      List<DifferentRow> differences, List<DifferentRow> undecided, boolean complete) {
    TableSchema table = TableSchema.builder(new TableId(1), new TableName("public", "t")).build();
    return new TableReport(table, Lsn.ZERO, new Lsn(5), 7, 0, differences, undecided, complete);
  }

  @Test
  void anUndecidedRowIsNeverEqual() {
    DifferentRow row = row(RowPart.of(RANGE));
    assertThat(report(List.of(), List.of(), true).outcome()).isEqualTo(Outcome.EQUAL);
    assertThat(report(List.of(), List.of(row), true).outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(report(List.of(), List.of(), false).outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(report(List.of(row), List.of(row), true).outcome()).isEqualTo(Outcome.DIFFERENT);
  }

  @Test
  void differencesOfOneRangeAreRepairedTogether() {
    RowPart part = RowPart.of(RANGE);
    TableReport report =
        report(List.of(row(part), row(part.in(4).only(List.of(2)))), List.of(), true);
    assertThat(report.ranges()).containsExactly(RANGE);
    assertThat(report.needsWholeCopy()).isFalse();
    TableReport whole = report(List.of(row(part), row(RowPart.of(null))), List.of(), true);
    assertThat(whole.needsWholeCopy()).isTrue();
    assertThat(whole.ranges()).isEmpty();
  }

  @Test
  void theKindSaysHowManyRowsThereAre() {
    RowPart part = RowPart.of(RANGE);
    assertThat(DifferentRow.of(0, 1, List.of(), part).kind()).isEqualTo(Kind.EXTRA);
    assertThat(DifferentRow.of(1, 2, List.of(), part).kind()).isEqualTo(Kind.DOUBLED);
    assertThat(DifferentRow.of(2, 1, List.of(), part).kind()).isEqualTo(Kind.MISSING);
    assertThat(DifferentRow.of(1, 1, List.of(), part).kind()).isEqualTo(Kind.VALUE);
  }

  @Test
  void textsHaveNoKeys() {
    DifferentRow row = row(RowPart.of(RANGE));
    KeyHash hash = new KeyHash(List.of("secret 1"), 1, 2, 3, true);
    assertThat(report(List.of(row), List.of(), true) + " " + row + hash + row.part())
        .doesNotContain("secret");
  }
}
