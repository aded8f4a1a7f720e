package dev.pgetl.destination.postgres.table;

import dev.pgetl.destination.postgres.SchemaChanges;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The statements that make a table of the destination fit another version, and those among them
 * that are not to be run. Computed once; no I/O.
 */
final class ShapeChanges {
  /** A default that every row of the source got when the column was added: value, cast. */
  private static final Pattern CONSTANT =
      Pattern.compile("(-?[0-9.]+|true|false|'(?:[^']|'')*')(?:::([\\w .\"()\\[\\],]+))?");

  /** A cast that changes the value, to a type that each server has. */
  private static final Pattern ROUNDING = Pattern.compile("[a-z ]+\\([0-9,]+\\)[a-z \\[\\]]*");

  private final SchemaChanges mode;
  private final TableShape before;
  private final List<String> statements = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();

  private ShapeChanges(SchemaChanges mode, TableShape before) {
    this.mode = mode;
    this.before = before;
  }

  /**
   * Compares.
   *
   * @param mode what is allowed
   * @param before the table, and the columns of the source that it fits
   * @param columns the columns of the source now
   * @param types their types in the destination
   */
  static ShapeChanges between(
      SchemaChanges mode, TableShape before, List<ColumnSchema> columns, List<String> types) {
    ShapeChanges changes = new ShapeChanges(mode, before);
    for (int i = 0; i < columns.size(); i++) {
      changes.column(columns.get(i), types.get(i));
    }
    changes.removed();
    return changes;
  }

  List<String> statements() {
    return statements;
  }

  List<String> refused() {
    return refused;
  }

  private void column(ColumnSchema column, String type) {
    SourceColumn earlier = before.isEmpty() ? before.named(column) : before.earlier(column);
    if (earlier != null && isRenamed(earlier, column) && before.has(earlier.name())) {
      boolean taken = before.has(column.name());
      add(mode == SchemaChanges.APPLY && !taken, renaming(earlier.name(), column.name()));
      retyped(column, earlier.name(), earlier.type(), type);
    } else if (!before.has(column.name()) || before.isFreed(column)) {
      added(column, type);
    } else if (earlier != null && isReplaced(earlier, column) && !before.isEmpty()) {
      replaced(column, type);
    } else if (earlier != null) {
      retyped(column, column.name(), earlier.type(), type);
    }
  }

  private static boolean isRenamed(SourceColumn earlier, ColumnSchema column) {
    return !earlier.name().equals(column.name());
  }

  /** Dropped and added again: rows have other values now, and no event says so. */
  private static boolean isReplaced(SourceColumn earlier, ColumnSchema column) {
    return earlier.name().equals(column.name())
        && earlier.number() != 0
        && column.attributeNumber() > 0
        && Math.abs(earlier.number()) != column.attributeNumber();
  }

  private void replaced(ColumnSchema column, String type) {
    boolean allowed = mode == SchemaChanges.APPLY;
    add(allowed, alter("drop column " + quoted(column.name())));
    add(allowed, alter("add column " + definition(column, type)));
  }

  private void retyped(ColumnSchema column, String nameBefore, String from, String to) {
    if (!from.equals(to) && !before.typeOf(nameBefore).equals(to)) {
      String statement = "alter column " + quoted(column.name()) + " type " + to;
      add(mode == SchemaChanges.APPLY && Widening.isSafe(from, to), alter(statement));
    }
  }

  /** With a column gone at the same time, and no numbers to prove it, it may be a new name. */
  private void added(ColumnSchema column, String type) {
    String gone = before.isEmpty() ? null : before.unprovenRenamingTo(column);
    if (gone == null) {
      add(mode != SchemaChanges.REFUSE, alter("add column " + definition(column, type)));
    } else {
      add(false, renaming(gone, column.name()) + " -- if it was renamed; otherwise");
      add(false, alter("add column " + definition(column, type)));
    }
  }

  private void removed() {
    for (String gone : before.gone()) {
      if (mode == SchemaChanges.APPLY && before.isProven(gone)) {
        statements.add(alter("drop column " + quoted(gone)));
      }
    }
    for (TargetColumn column : before.requiredBeside()) {
      if (statements.stream().noneMatch(alter("drop column " + quoted(column.name()))::equals)) {
        refused.add(alter("alter column " + quoted(column.name()) + " drop not null"));
      }
    }
  }

  private static String definition(ColumnSchema column, String type) {
    String value = constant(column.defaultExpression());
    return quoted(column.name()) + " " + type + (value == null ? "" : " default " + value);
  }

  /** The type of the column reads the value as a cast would; its own may be missing here. */
  private static @Nullable String constant(@Nullable String expression) {
    Matcher constant = CONSTANT.matcher(expression == null ? "" : expression);
    if (!constant.matches()) {
      return null;
    }
    String cast = constant.group(2);
    return cast != null && ROUNDING.matcher(cast).matches() ? constant.group() : constant.group(1);
  }

  private String renaming(String from, String to) {
    return alter("rename column " + quoted(from) + " to " + quoted(to));
  }

  private String alter(String what) {
    return "alter table " + before.name().quoted() + " " + what;
  }

  private void add(boolean allowed, String statement) {
    (allowed ? statements : refused).add(statement);
  }

  private static String quoted(String name) {
    return TableName.quote(name);
  }
}
