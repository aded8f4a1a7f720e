package dev.pgetl.destination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A part of a primary key is shared by rows, so a receiver must not take it for the key. */
class TransformedKeysTest {
  private static final TableSchema LINES =
      TableSchema.builder(new TableId(7), new TableName("public", "lines"))
          .snapshotLsn(new Lsn(1))
          .columns(List.of(column("line", 2), column("note", 0), column("order", 1)))
          .build();

  private static ColumnSchema column(String name, int ordinal) {
    return ColumnSchema.builder(name, PgType.base(25, "text")).primaryKeyOrdinal(ordinal).build();
  }

  private static List<String> key(TableTransform transform) {
    return transform.prepare(LINES).table().primaryKey().stream().map(ColumnSchema::name).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"line", "order"})
  void withoutAPartOfItThereIsNoKey(String left) {
    assertThat(key(TableTransform.dropColumns(left))).isEmpty();
    String other = left.equals("line") ? "order" : "line";
    assertThat(key(TableTransform.keepColumns("note", other))).isEmpty();
    assertThat(
            key(
                TableTransform.renameColumn(left, "x")
                    .andThen(TableTransform.dropColumns("x"))
                    .andThen(TableTransform.dropColumns("note"))))
        .isEmpty();
  }

  @Test
  void aKeyThatIsWholeStays() {
    assertThat(key(TableTransform.dropColumns("note"))).containsExactly("order", "line");
    assertThat(key(TableTransform.renameColumn("line", "x").andThen(TableTransform.dropColumns())))
        .containsExactly("order", "x");
  }
}
