package dev.pgetl.internal.capture.condition;

import dev.pgetl.schema.TableName;
import java.util.ArrayList;
import java.util.List;

/**
 * Which rows of a table are copied: those for which all of its conditions are true. Immutable.
 *
 * @param table what the conditions call the table; its partitions are read under their own names
 * @param rowFilter the publication's condition on rows; empty if there is none
 * @param condition the configuration's condition on rows; empty if there is none
 */
public record RowChoice(TableName table, String rowFilter, String condition) {
  /** {@return all rows of a table} */
  public static RowChoice all(TableName table) {
    return new RowChoice(table, "", "");
  }

  /** {@return the conditions, each in parentheses, as a part of {@code WHERE}} */
  public List<String> conditions() {
    List<String> conditions = new ArrayList<>();
    if (!rowFilter.isEmpty()) {
      conditions.add("(" + rowFilter + ")");
    }
    if (!condition.isEmpty()) {
      conditions.add("(" + condition + "\n)"); // it may end with a comment
    }
    return conditions;
  }

  /** {@return what follows the name of the table in {@code FROM}} */
  public String alias() {
    return condition.isEmpty() ? "" : " AS " + TableName.quote(table.name());
  }
}
