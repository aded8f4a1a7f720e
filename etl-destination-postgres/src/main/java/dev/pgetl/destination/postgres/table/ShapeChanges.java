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
  private final List<String> all = new ArrayList<>();
  private final List<String> loosened = new ArrayList<>();

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
    changes.renamed(columns);
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

  /** {@return all statements, those that may be run too, in the order in which they can be run} */
  List<String> all() {
    return all;
  }

  /** {@return columns that some of the statements make nullable; the key may not have them} */
  List<String> loosened() {
    return loosened;
  }

  /** The names first: other statements use the new ones. */
  private void renamed(List<ColumnSchema> columns) {
    Renamings renamings = new Renamings();
    for (ColumnSchema column : columns) {
      SourceColumn renamed = renamedTo(column);
      if (renamed != null) {
        renamings.add(renamed.name(), column.name());
      }
    }
    for (Renamings.Renaming each : renamings.ordered()) {
      boolean taken = before.has(each.to()) && !renamings.frees(each.to());
      boolean left = taken && before.hasLeft(each.to());
      if (left) {
        add(mode == SchemaChanges.APPLY, alter("drop column " + quoted(each.to())));
      }
      add(mode == SchemaChanges.APPLY && taken == left, renaming(each.from(), each.to()));
    }
  }

  private @Nullable SourceColumn earlier(ColumnSchema column) {
    return before.isEmpty() ? before.named(column) : before.earlier(column);
  }

  private void column(ColumnSchema column, String type) {
    SourceColumn earlier = earlier(column);
    SourceColumn renamed = renamedTo(column);
    if (renamed != null) {
      retyped(column, renamed.name(), renamed.type(), type);
    } else if (!before.has(column.name()) || before.isFreed(column)) {
      added(column, type);
    } else if (earlier != null && isReplaced(earlier, column) && !before.isEmpty()) {
      replaced(column, type);
    } else if (earlier != null) {
      retyped(column, column.name(), earlier.type(), type);
    }
  }

  /** The column under its earlier name, if it has another one now. */
  private @Nullable SourceColumn renamedTo(ColumnSchema column) {
    SourceColumn earlier = earlier(column);
    boolean renamed =
        earlier != null && !earlier.name().equals(column.name()) && before.has(earlier.name());
    return renamed ? earlier : null;
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
      boolean safe = Widening.isSafe(from, to);
      String statement = "alter column " + quoted(column.name()) + " type " + to;
      String conversion = " using " + quoted(column.name()) + "::text::" + to;
      add(
          mode == SchemaChanges.APPLY && (safe || before.isEmpty()),
          alter(safe ? statement : statement + conversion));
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
        add(true, alter("drop column " + quoted(gone)));
      }
    }
    for (TargetColumn column : before.requiredBeside()) {
      if (statements.stream().noneMatch(alter("drop column " + quoted(column.name()))::equals)) {
        add(false, alter("alter column " + quoted(column.name()) + " drop not null"));
        loosened.add(column.name());
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
    all.add(statement);
  }

  private static String quoted(String name) {
    return TableName.quote(name);
  }
}
