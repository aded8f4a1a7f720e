package dev.pgetl.destination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Copies that replace rows, at a destination that sees other tables than those of Postgres. */
class TransformedReplacementsTest {
  private static final TableName NAME = new TableName("public", "users");
  private static final TableSchema USERS = table(1, "id", "name");
  private static final TableSchema WIDER = table(2, "id", "name", "phone");

  private final Replacing target = new Replacing();
  private final TransformingDestination dropping =
      TransformingDestination.around(target)
          .transform(NAME, TableTransform.dropColumns("phone"))
          .build();

  private static TableSchema table(long position, String... columns) {
    return TableSchema.builder(new TableId(16385), NAME)
        .snapshotLsn(new Lsn(position))
        .columns(Stream.of(columns).map(name -> ColumnSchema.of(name, PgType.unknown(25))).toList())
        .build();
  }

  @Test
  void passesBothVersionsOn() {
    assertThat(dropping.beginReplacement(WIDER, WIDER)).isTrue();
    assertThat(dropping.beginReplacement(USERS, WIDER)).isTrue();
    assertThat(dropping.beginReplacement(null, WIDER)).isTrue();
    assertThat(dropping.continueReplacement(WIDER)).isTrue();

    assertThat(target.calls)
        .containsExactly(
            "0/2 [id, name] by 0/2 [id, name]",
            "nothing by 0/2 [id, name]", // rules that do not suit what was before
            "nothing by 0/2 [id, name]",
            "0/2 [id, name] continues");
  }

  @Test
  void passesTheAnswerOn() {
    target.answer = false;

    assertThat(dropping.beginReplacement(WIDER, WIDER)).isFalse();
    assertThat(dropping.continueReplacement(WIDER)).isFalse();
  }

  private static final class Replacing implements Destination {
    private final List<String> calls = new ArrayList<>();
    private boolean answer = true;

    private static String described(@Nullable TableSchema table) {
      return table == null
          ? "nothing"
          : table.snapshotLsn() + " " + table.columns().stream().map(ColumnSchema::name).toList();
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      calls.add(described(last) + " by " + described(next));
      return answer;
    }

    @Override
    public boolean continueReplacement(TableSchema next) {
      calls.add(described(next) + " continues");
      return answer;
    }

    @Override
    public void truncateTable(TableSchema table) {
      throw new UnsupportedOperationException();
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      throw new UnsupportedOperationException();
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new UnsupportedOperationException();
    }
  }
}
