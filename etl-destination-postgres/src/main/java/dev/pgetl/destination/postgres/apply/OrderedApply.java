package dev.pgetl.destination.postgres.apply;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.table.TargetTable;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes one by one, in the order of the events. Owned by one transaction. */
final class OrderedApply {
  private static final Logger LOG = LoggerFactory.getLogger(OrderedApply.class);

  private final Session session;

  OrderedApply(Session session) {
    this.session = session;
  }

  /** Applies a change. */
  void apply(TargetTable table, Event.RowChange change) throws SQLException {
    if (change instanceof Event.Insert insert) {
      session.doing(table.version(), "insert into " + table.name());
      insert(table, insert.row());
    } else if (change instanceof Event.Update update) {
      session.doing(table.version(), "update " + table.name());
      update(table, update);
    } else if (change instanceof Event.Delete delete) {
      session.doing(table.version(), "delete from " + table.name());
      delete(table, delete.oldRow().row());
    }
  }

  private void insert(TargetTable table, TableRow row) throws SQLException {
    Object[] values = table.written().stream().map(place -> textOrNull(row, place)).toArray();
    int unused = session.run(Statements.insert(table), values);
  }

  /** A value that the source did not send is null, as in Postgres's own subscriptions. */
  private static @Nullable String textOrNull(TableRow row, int place) {
    return row.isPresent(place) ? row.text(place) : null;
  }

  private void update(TargetTable table, Event.Update update) throws SQLException {
    TableRow row = update.row();
    TableRow old = update.oldRow() == null ? row : update.oldRow().row();
    List<Integer> present =
        IntStream.range(0, row.columnCount()).filter(row::isPresent).boxed().toList();
    List<Integer> changed = Statements.settable(table, changed(table, present, row, old));
    if (changed.isEmpty()) {
      return;
    }
    int rows =
        table.key().isEmpty() ? updateOne(table, changed, update) : byKey(table, changed, row, old);
    if (rows == 0 && present.size() == row.columnCount()) {
      LOG.warn("table {} lacks a row that was updated in the source: inserted", table.name());
      insert(table, row);
    } else if (rows != 1) {
      throw unexpected(table.version(), table, rows);
    }
  }

  /** The key is set only if it changes: an identity column must not be. */
  private static List<Integer> changed(
      TargetTable table, List<Integer> present, TableRow row, TableRow old) {
    return present.stream()
        .filter(
            place ->
                !table.key().contains(place) || !Objects.equals(row.text(place), old.text(place)))
        .toList();
  }

  private int byKey(TargetTable table, List<Integer> changed, TableRow row, TableRow old)
      throws SQLException {
    List<@Nullable String> values = new ArrayList<>();
    changed.forEach(place -> values.add(row.text(place)));
    table.key().forEach(place -> values.add((old.isPresent(place) ? old : row).text(place)));
    return session.run(Statements.update(table, changed), values.toArray());
  }

  private int updateOne(TargetTable table, List<Integer> changed, Event.Update update)
      throws SQLException {
    Event.OldRow old = update.oldRow();
    if (old == null || old.kind() != Event.OldRowKind.FULL) {
      throw unexpected(table.version(), table, 0);
    }
    List<@Nullable String> values = whole(table, old.row());
    changed.forEach(place -> values.add(update.row().text(place)));
    return session.run(Statements.updateOne(table, changed), values.toArray());
  }

  private void delete(TargetTable table, TableRow old) throws SQLException {
    int rows =
        table.key().isEmpty()
            ? session.run(Statements.deleteOne(table), whole(table, old).toArray())
            : session.run(Statements.delete(table), (Object[]) texts(table.key(), old, null));
    if (rows > 1) {
      throw unexpected(table.version(), table, rows);
    }
    if (rows == 0) {
      LOG.warn("table {} lacks a row that was deleted in the source", table.name());
    }
  }

  private static List<@Nullable String> whole(TargetTable table, TableRow row) {
    List<@Nullable String> values = new ArrayList<>();
    for (int place : table.written()) {
      if (table.columns().get(place).comparable()) {
        values.add(row.text(place));
      }
      values.add(row.text(place));
    }
    return values;
  }

  static @Nullable String[] texts(List<Integer> places, TableRow row, @Nullable TableRow other) {
    @Nullable String[] texts = new String[places.size()];
    for (int i = 0; i < texts.length; i++) {
      int place = places.get(i);
      texts[i] = (row.isPresent(place) || other == null ? row : other).text(place);
    }
    return texts;
  }

  private static EtlException unexpected(TableSchema version, TargetTable table, int rows) {
    String problem =
        rows == 0
            ? "lacks a row that was updated in part in the source"
            : "has " + rows + " rows of one key";
    return new EtlException(
            ErrorKind.DESTINATION_REJECTED,
            "table " + table.name() + " of the destination " + problem)
        .withFix(
            "Only the pipeline may write the table, and its key must be unique. Remove the cause,"
                + " then resync "
                + version.name())
        .withTable(version.id().oid());
  }
}
