package dev.pgetl.destination.postgres.table;

import dev.pgetl.destination.postgres.SchemaChanges;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The statements that make a table of the destination fit another version, and those among them
 * that are not to be run. Computed once; no I/O.
 */
final class ShapeChanges {
  /** A default that every row of the source got when the column was added. */
  private static final Pattern CONSTANT =
      Pattern.compile("-?\\d+(\\.\\d+)?|true|false|'([^']|'')*'(::[a-z ]+)?");

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
    } else if (!before.has(column.name())) {
      added(column, type);
    } else if (earlier != null && isReplaced(earlier, column) && !before.isEmpty()) {
      replaced(column, type);
    } else if (earlier != null && !earlier.type().equals(type)) {
      retyped(column, earlier.type(), type);
    }
  }

  private static boolean isRenamed(SourceColumn earlier, ColumnSchema column) {
    return !earlier.name().equals(column.name());
  }

  /** Dropped and added again: rows have other values now, and no event says so. */
  private static boolean isReplaced(SourceColumn earlier, ColumnSchema column) {
    return earlier.name().equals(column.name())
        && earlier.number() > 0
        && column.attributeNumber() > 0
        && earlier.number() != column.attributeNumber();
  }

  private void replaced(ColumnSchema column, String type) {
    boolean allowed = mode == SchemaChanges.APPLY;
    add(allowed, alter("drop column " + quoted(column.name())));
    add(allowed, alter("add column " + definition(column, type)));
  }

  private void retyped(ColumnSchema column, String from, String to) {
    if (!before.typeOf(column.name()).equals(to)) {
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
    @Nullable String expression = column.defaultExpression();
    boolean constant = expression != null && CONSTANT.matcher(expression).matches();
    return quoted(column.name()) + " " + type + (constant ? " default " + expression : "");
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
