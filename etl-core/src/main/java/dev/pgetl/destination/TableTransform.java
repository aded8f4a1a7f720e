package dev.pgetl.destination;

import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How a table changes on its way to a destination: its name, its columns, their values. The
 * factories here cover the common cases, {@link #andThen} combines them, and a {@link
 * TransformingDestination} applies them.
 *
 * <p>A factory that names a column fails on a version without it: the column may have been renamed,
 * and a value that must stay hidden would be delivered. {@link #keepColumns} never delivers a
 * column that was not named.
 *
 * <p><b>Rules for implementers.</b>
 *
 * <ol>
 *   <li><b>T1</b> The table's id, version and replica identity stay as they are.
 *   <li><b>T2</b> The same row always becomes the same row.
 *   <li><b>T3</b> An exception must not quote a value.
 * </ol>
 *
 * <p>A row is transformed when it is delivered. {@code ADD COLUMN} with a constant default changes
 * rows that are there, and no event of them is sent; a destination takes the value from {@link
 * dev.pgetl.schema.ColumnSchema#defaultExpression}. The factories here pass it on, and a mask masks
 * it. Where that cannot be done, and for a transform of your own that does not {@linkplain
 * RowTransform#leavesUnchanged leave the column unchanged}, the pipeline reports the table as
 * differing until it is resynced.
 *
 * <p>If a transform changes the first column of the primary key, or may do so, a copy that was
 * interrupted starts over; see {@link RowTransform#leavesUnchanged}.
 *
 * <p><b>Threads.</b> Several threads call at once.
 *
 * <p><b>Failures.</b> An exception of a transform fails its table, and no other.
 */
@FunctionalInterface
public interface TableTransform {

  /**
   * Prepares for the rows of a version; called once for each, not per row.
   *
   * @param source the version as Postgres has it
   * @return what happens to its rows
   */
  RowTransform prepare(TableSchema source);

  /**
   * {@return this transform followed by another, which sees the result of this one}
   *
   * @param next the other
   */
  default TableTransform andThen(TableTransform next) {
    Objects.requireNonNull(next, "next");
    return source -> {
      RowTransform first = prepare(source);
      return new TransformRules.Chained(first, next.prepare(first.table()));
    };
  }

  /**
   * {@return a transform that gives the table another name}
   *
   * @param rename maps the current name to the new one
   */
  static TableTransform renameTable(UnaryOperator<TableName> rename) {
    Objects.requireNonNull(rename, "rename");
    return source -> ColumnSelection.all(source).named(rename.apply(source.name()));
  }

  /**
   * {@return a transform that gives a column another name}
   *
   * @param from the name it has
   * @param to the name the destination sees; no other column has it
   */
  static TableTransform renameColumn(String from, String to) {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    return source -> ColumnSelection.all(source).renamed(from, to);
  }

  /**
   * {@return a transform that leaves columns out} Without its key a row cannot be found again:
   * columns of the replica identity should stay. If a column of the primary key is left out, {@link
   * TableSchema#primaryKey} is empty.
   *
   * @param names the columns to leave out
   */
  static TableTransform dropColumns(String... names) {
    Set<String> dropped = Set.of(names);
    return source -> {
      dropped.forEach(name -> ColumnSelection.requireColumn(source, name));
      return ColumnSelection.all(source).where(column -> !dropped.contains(column.name()));
    };
  }

  /**
   * {@return a transform that leaves out every column but some} A missing one is not an error. What
   * {@link #dropColumns} says of keys holds here, too.
   *
   * @param names the columns that stay
   */
  static TableTransform keepColumns(String... names) {
    Set<String> kept = Set.of(names);
    return source -> ColumnSelection.all(source).where(column -> kept.contains(column.name()));
  }

  /**
   * {@return a transform that replaces the values of a column} The column becomes one of type
   * {@code text}. A null stays null, an absent value absent. A constant default becomes what the
   * mask makes of it, if it shows how Postgres sends the value: integers, {@code numeric}, {@code
   * boolean}, {@code text}, {@code varchar}, {@code date} and {@code uuid}. Another one is left
   * out.
   *
   * @param name the column
   * @param mask maps the text Postgres sent to the new value; the same text always gives the same
   *     value. Null makes the column null
   */
  static TableTransform maskColumn(String name, Function<String, @Nullable String> mask) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(mask, "mask");
    return source -> new ColumnMask(source, name, mask);
  }
}
