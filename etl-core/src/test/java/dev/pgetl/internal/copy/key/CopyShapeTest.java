package dev.pgetl.internal.copy.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What makes a copy another one. */
class CopyShapeTest {
  private static final TableSchema TABLE =
      TableSchema.builder(new TableId(7), new TableName("public", "t"))
          .columns(List.of(ColumnSchema.of("id", PgType.unknown(25))))
          .build();

  private static String shape(String rowFilter, String condition) {
    return CopyShape.of("c", TABLE, rowFilter, condition);
  }

  @Test
  void aConditionCounts() {
    assertThat(shape("", "a > 1")).isNotEqualTo(shape("", ""));
    assertThat(shape("", "a > 1")).isNotEqualTo(shape("", "a > 2")).isEqualTo(shape("", "a > 1"));
  }

  @Test
  void aConditionIsNoRowFilter() {
    assertThat(shape("a > 1", "")).isNotEqualTo(shape("", "a > 1"));
    assertThat(shape("a", "b")).isNotEqualTo(shape("a\nb", "")).isNotEqualTo(shape("", "a\nb"));
  }

  /** Ranges that a store has from before are continued. */
  @Test
  void withoutAConditionItIsWhatItWas() {
    assertThat(shape("a > 1", ""))
        .isEqualTo("2ea9b0652e101ddf1c6880201a5cce06d72baf9537cfbf4bcd054b7671bcf406");
  }
}
