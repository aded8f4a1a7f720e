package dev.pgetl.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.TableName;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FindingTest {
  private static final Finding ERROR = Finding.of(FindingCode.WAL_LEVEL, "wal_level is replica");

  @Test
  void isAParagraphWithItsFixToCopy() {
    assertThat(ERROR.fixedBy("Log more", "ALTER SYSTEM SET x = 1", "SELECT 1").thenRestart())
        .hasToString(
            """
            ERROR WAL_LEVEL: wal_level is replica
              Fix: Log more:
                ALTER SYSTEM SET x = 1;
                SELECT 1;
              Then restart the server.""");
    assertThat(ERROR.fixedBy("", "SELECT 1"))
        .hasToString("ERROR WAL_LEVEL: wal_level is replica\n  Fix:\n    SELECT 1;");
    assertThat(ERROR.fixedBy("Log more"))
        .hasToString("ERROR WAL_LEVEL: wal_level is replica\n  Fix: Log more.");
    assertThat(ERROR).hasToString("ERROR WAL_LEVEL: wal_level is replica");
  }

  @Test
  void hasItsFixInOneLine() {
    assertThat(ERROR.fix()).isEmpty();
    assertThat(ERROR.fixedBy("Log more").fix()).isEqualTo("Log more");
    assertThat(ERROR.fixedBy("", "A", "B").thenRestart().fix())
        .isEqualTo("A; B, then restart the server");
    assertThat(ERROR.fixedBy("Log more", "A").fix()).isEqualTo("Log more: A");
  }

  @Test
  void theWorstComesFirst() {
    Finding warning = Finding.of(FindingCode.MINOR_VERSION, "old");
    Finding remark = warning.as(Severity.INFO);
    Finding ofTable = warning.about(new TableName("public", "a"));
    assertThat(Stream.of(remark, ofTable, warning, ERROR).sorted())
        .containsExactly(ERROR, warning, ofTable, remark);
    assertThat(warning)
        .isNotEqualTo(ofTable)
        .isNotEqualTo(remark)
        .isEqualTo(remark.as(Severity.WARNING));
    assertThat(List.of(ofTable.table(), warning.table()))
        .containsExactly(Optional.of(new TableName("public", "a")), Optional.empty());
  }
}
