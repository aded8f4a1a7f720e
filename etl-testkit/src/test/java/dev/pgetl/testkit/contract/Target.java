package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What destinations write to: tables of rows, known by their key. Guarded by itself. */
final class Target {
  private Map<TableId, Map<List<@Nullable String>, Map<String, @Nullable String>>> tables =
      new HashMap<>();
  private Map<TableId, KeptAside> asides = new HashMap<>();
  boolean broken;

  /**
   * What a replacement has brought so far.
   *
   * @param version of the copy
   * @param rows its rows
   */
  private record KeptAside(
      Lsn version, Map<List<@Nullable String>, Map<String, @Nullable String>> rows) {}

  void requireWorking() {
    if (broken) {
      throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "the target is broken");
    }
  }

  Target copy() {
    Target copy = new Target();
    tables.forEach((id, rows) -> copy.tables.put(id, new LinkedHashMap<>(rows)));
    asides.forEach(
        (id, aside) ->
            copy.asides.put(id, new KeptAside(aside.version(), new LinkedHashMap<>(aside.rows()))));
    return copy;
  }

  void become(Target other) {
    tables = other.tables;
    asides = other.asides;
  }

  void keepAside(TableSchema next) {
    asides.put(next.id(), new KeptAside(next.snapshotLsn(), new LinkedHashMap<>()));
  }

  void dropAside(TableSchema table) {
    asides.remove(table.id());
  }

  boolean isAside(TableSchema version) {
    KeptAside aside = asides.get(version.id());
    return aside != null && aside.version().equals(version.snapshotLsn());
  }

  /** What is kept aside of a version takes the place of the table. */
  void replace(TableSchema version) {
    KeptAside aside = asides.get(version.id());
    if (aside != null && isAside(version)) {
      tables.put(version.id(), aside.rows());
      asides.remove(version.id());
    }
  }

  void create(TableSchema table) {
    tables.computeIfAbsent(table.id(), id -> new LinkedHashMap<>());
  }

  boolean exists(TableSchema table) {
    return tables.containsKey(table.id());
  }

  void clear(TableSchema table) {
    tables.computeIfPresent(table.id(), (id, rows) -> new LinkedHashMap<>());
  }

  void remove(TableSchema table, KeyRange range) {
    remove(table, range::contains);
  }

  void remove(TableSchema table, Predicate<TableRow> condition) {
    copy(table)
        .values()
        .removeIf(
            cells ->
                condition.test(
                    TestTable.row(table, cells(table, cells).toArray(new @Nullable String[0]))));
  }

  void clearAll() {
    tables.replaceAll((id, rows) -> new LinkedHashMap<>());
  }

  Map<List<@Nullable String>, Map<String, @Nullable String>> rows(TableSchema table) {
    return tables.computeIfAbsent(table.id(), id -> new LinkedHashMap<>());
  }

  /** {@return the rows that a copy of a version writes: those aside, or those of the table} */
  Map<List<@Nullable String>, Map<String, @Nullable String>> copy(TableSchema version) {
    KeptAside aside = asides.get(version.id());
    return aside != null && isAside(version) ? aside.rows() : rows(version);
  }

  static List<@Nullable String> key(TableRow row) {
    List<@Nullable String> key = new ArrayList<>();
    for (int i = 0; i < row.table().columnCount(); i++) {
      if (row.table().column(i).primaryKeyOrdinal() > 0) {
        key.add(row.text(i));
      }
    }
    return key;
  }

  List<List<@Nullable String>> content(TableSchema table) {
    List<List<@Nullable String>> content = new ArrayList<>();
    for (Map<String, @Nullable String> row : tables.getOrDefault(table.id(), Map.of()).values()) {
      content.add(cells(table, row));
    }
    return content;
  }

  private static List<@Nullable String> cells(
      TableSchema table, Map<String, @Nullable String> row) {
    List<@Nullable String> cells = new ArrayList<>();
    table.columns().forEach(column -> cells.add(row.get(column.name())));
    return cells;
  }
}
