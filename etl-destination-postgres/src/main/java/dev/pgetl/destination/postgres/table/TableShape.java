package dev.pgetl.destination.postgres.table;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table of the destination, and the columns of the source that it fits.
 *
 * @param name the table
 * @param isEmpty whether it has no rows, so that none of them can differ
 * @param columns its columns
 * @param source the columns of the source; empty if they are not known
 * @param now the names of the source's columns in the next version
 * @param numbers the numbers of these columns; 0 where one is not known
 */
record TableShape(
    TableName name,
    boolean isEmpty,
    List<TargetColumn> columns,
    List<SourceColumn> source,
    Set<String> now,
    Set<Integer> numbers) {

  static TableShape of(
      TableName name,
      boolean isEmpty,
      List<TargetColumn> columns,
      List<SourceColumn> source,
      List<ColumnSchema> next) {
    Set<String> names = next.stream().map(ColumnSchema::name).collect(Collectors.toSet());
    Set<Integer> numbers =
        next.stream().map(ColumnSchema::attributeNumber).collect(Collectors.toSet());
    return new TableShape(name, isEmpty, columns, source, names, numbers);
  }

  boolean has(String column) {
    return columns.stream().anyMatch(known -> known.name().equals(column));
  }

  String typeOf(String column) {
    return columns.stream()
        .filter(known -> known.name().equals(column))
        .map(TargetColumn::fullType)
        .findFirst()
        .orElse("");
  }

  /** The column by its number, which a new name does not change; otherwise by its name. */
  @Nullable SourceColumn earlier(ColumnSchema column) {
    int number = column.attributeNumber();
    for (SourceColumn known : source) {
      if (number > 0 && Math.abs(known.number()) == number) {
        return known;
      }
    }
    SourceColumn namesake = named(column);
    return namesake == null || hasLeft(namesake, number) ? null : namesake;
  }

  private boolean hasLeft(SourceColumn namesake, int number) {
    return number > 0 && namesake.number() != number && isRenamed(namesake);
  }

  /** {@return whether the source has no more the column of this name that the table has} */
  boolean hasLeft(String name) {
    return !numbers.contains(0)
        && source.stream()
            .anyMatch(
                known ->
                    known.name().equals(name)
                        && known.number() != 0
                        && !numbers.contains(Math.abs(known.number())));
  }

  /** {@return whether the column of the same name has another one now, so this one is new} */
  boolean isFreed(ColumnSchema column) {
    return earlier(column) == null && named(column) != null;
  }

  /** The column of the same name. */
  @Nullable SourceColumn named(ColumnSchema column) {
    return source.stream()
        .filter(known -> known.name().equals(column.name()))
        .findFirst()
        .orElse(null);
  }

  /** {@return the columns of the table that the source had and has no more} */
  List<String> gone() {
    return source.stream()
        .filter(known -> !known.isGone() && !now.contains(known.name()) && !isRenamed(known))
        .map(SourceColumn::name)
        .filter(this::has)
        .toList();
  }

  /** Of an empty table a column is dropped and another one added instead. */
  private boolean isRenamed(SourceColumn known) {
    return !isEmpty && known.number() > 0 && numbers.contains(known.number());
  }

  /**
   * {@return whether a column is gone for certain, and has no new name: by the numbers, or because
   * there is no new name}
   */
  boolean isProven(String gone) {
    Set<String> names =
        source.stream()
            .filter(known -> !known.isGone())
            .map(SourceColumn::name)
            .collect(Collectors.toSet());
    boolean numbered =
        !numbers.contains(0)
            && source.stream().anyMatch(known -> known.name().equals(gone) && known.number() > 0);
    return isEmpty || numbered || names.containsAll(now);
  }

  /** {@return a column that may be this one under its earlier name; null if there is none} */
  @Nullable String unprovenRenamingTo(ColumnSchema column) {
    for (SourceColumn known : source) {
      boolean unproven = known.number() == 0 || column.attributeNumber() == 0;
      if (unproven && !known.isGone() && !now.contains(known.name()) && has(known.name())) {
        return known.name();
      }
    }
    return null;
  }

  /** {@return columns that the source lacks and without which no row can be inserted} */
  List<TargetColumn> requiredBeside() {
    Set<String> renamed =
        source.stream().filter(this::isRenamed).map(SourceColumn::name).collect(Collectors.toSet());
    return columns.stream()
        .filter(column -> column.required() && !column.generated())
        .filter(column -> !now.contains(column.name()) && !renamed.contains(column.name()))
        .toList();
  }
}
