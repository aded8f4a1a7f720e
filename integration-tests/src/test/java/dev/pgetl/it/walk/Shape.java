package dev.pgetl.it.walk;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table as the source's catalogue describes it at one moment.
 *
 * @param oid which table
 * @param schema its schema
 * @param name its name
 * @param kind {@code r} for a table, {@code p} for a partitioned one
 * @param numbers the attribute number of each column, by name, in column order
 * @param key the attribute numbers by which a row is found; empty if there are none
 * @param wholeRow whether old rows are sent as a whole ({@code REPLICA IDENTITY FULL})
 * @param primaryKey the attribute numbers of its primary key; empty if it has none
 * @param fields the field names of each column of a composite type, by attribute number
 */
record Shape(
    long oid,
    String schema,
    String name,
    String kind,
    Map<String, Integer> numbers,
    List<Integer> key,
    boolean wholeRow,
    Set<Integer> primaryKey,
    Map<Integer, List<String>> fields) {

  /** {@return its name as SQL} */
  String sql() {
    return quoted(schema) + "." + quoted(name);
  }

  /** {@return where a query finds the rows that are the table's own} */
  String from() {
    return (kind.equals("r") ? "only " : "") + sql();
  }

  @Nullable Integer number(String column) {
    return numbers.get(column);
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  @Override
  public String toString() {
    return schema + "." + name;
  }
}
