package dev.pgetl.destination.postgres.apply;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.postgres.fold.FoldedRow;
import dev.pgetl.destination.postgres.fold.TableFold;
import dev.pgetl.destination.postgres.sql.CopyText;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.table.TargetTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folded changes as sets: few rows in a batch of statements, many through a temporary table of
 * texts. Owned by one transaction.
 */
final class SetApply {
  private static final Logger LOG = LoggerFactory.getLogger(SetApply.class);

  /** From this many rows on, a temporary table is faster. */
  private static final int STAGED = 24;

  /** A row of more texts may be too large for a page, however short they are. */
  private static final int WIDEST_STAGED = 250;

  /** From this many rows on, a {@code COPY} is faster. */
  private static final int COPIED = 4;

  private final Session session;
  private int group;

  SetApply(Session session) {
    this.session = session;
  }

  /**
   * Applies a fold.
   *
   * @return false if rows are not as the events have them: then the order of the events decides
   */
  boolean apply(TargetTable table, TableFold fold) throws SQLException {
    if (!delete(table, fold.deletes())) {
      return false;
    }
    for (Map.Entry<List<Integer>, List<FoldedRow>> same : fold.updates().entrySet()) {
      List<Integer> changed = Statements.settable(table, same.getKey());
      if (!changed.isEmpty() && !update(table, changed, same.getValue())) {
        return false;
      }
    }
    insert(table, fold.inserts());
    return true;
  }

  private boolean delete(TargetTable table, List<TableRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return true;
    }
    session.doing(table.version(), "delete from " + table.name());
    List<@Nullable String[]> keys = new ArrayList<>(rows.size());
    rows.forEach(row -> keys.add(OrderedApply.texts(table.key(), row, null)));
    int found;
    if (!isStaged(rows.size(), table.key().size())) {
      int[] each = session.runAll(Statements.delete(table), keys);
      if (IntStream.of(each).anyMatch(count -> count > 1)) {
        return false;
      }
      found = IntStream.of(each).sum();
    } else {
      Stage stage = stage(table.key().size(), rows.size(), (i, copy) -> add(copy, keys.get(i)));
      found = session.run(stage.delete(table));
    }
    if (found < rows.size()) {
      LOG.warn(
          "table {} lacks {} rows that were deleted in the source",
          table.name(),
          rows.size() - found);
    }
    return found <= rows.size();
  }

  private boolean update(TargetTable table, List<Integer> changed, List<FoldedRow> rows)
      throws SQLException {
    session.doing(table.version(), "update " + table.name());
    if (!isStaged(rows.size(), table.key().size() + changed.size())) {
      int[] found = session.runAll(Statements.update(table, changed), bound(table, changed, rows));
      return IntStream.of(found).allMatch(count -> count == 1);
    }
    Stage stage =
        stage(
            table.key().size() + changed.size(),
            rows.size(),
            (i, copy) -> {
              FoldedRow row = rows.get(i);
              table.key().forEach(place -> copy.field(row.before().textBytes(place)));
              changed.forEach(place -> copy.field(row.source(place).textBytes(place)));
            });
    return session.run(stage.update(table, changed)) == rows.size();
  }

  private static boolean isStaged(int rows, int width) {
    return rows >= STAGED && width <= WIDEST_STAGED;
  }

  private static List<@Nullable String[]> bound(
      TargetTable table, List<Integer> changed, List<FoldedRow> rows) {
    List<@Nullable String[]> values = new ArrayList<>(rows.size());
    for (FoldedRow row : rows) {
      List<@Nullable String> each = new ArrayList<>();
      changed.forEach(place -> each.add(row.source(place).text(place)));
      table.key().forEach(place -> each.add(row.before().text(place)));
      values.add(each.toArray(new String[0]));
    }
    return values;
  }

  private void insert(TargetTable table, List<FoldedRow> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    session.doing(table.version(), "insert into " + table.name());
    if (rows.size() < COPIED) {
      String sql = Statements.insert(table);
      for (FoldedRow row : rows) {
        session.defer(sql, table.written().stream().map(row::text).toArray());
      }
      return;
    }
    try (CopyText copy = CopyText.begin(session, Statements.into(table))) {
      for (FoldedRow row : rows) {
        for (int place : table.written()) {
          CopyText unused = copy.field(row.textBytes(place));
        }
        copy.endRow();
      }
      long unused = copy.finish();
    }
  }

  /** Fills the fields of a staged row. */
  private interface Fields {
    void add(int row, CopyText copy);
  }

  private Stage stage(int width, int rows, Fields fields) throws SQLException {
    Stage stage = new Stage(width, ++group);
    stage.create(session);
    try (CopyText copy = CopyText.begin(session, stage.into())) {
      for (int i = 0; i < rows; i++) {
        CopyText unused = copy.field(group);
        fields.add(i, copy);
        copy.endRow();
      }
      long unused = copy.finish();
    }
    return stage;
  }

  private static void add(CopyText copy, @Nullable String[] values) {
    for (String value : values) {
      CopyText unused =
          copy.field(
              value == null ? null : ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }
  }
}
