package dev.pgetl.internal.copy;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.capture.condition.RowChoice;
import dev.pgetl.internal.copy.key.KeyPlan;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rows that are read by one COPY.
 *
 * @param relation what is read
 * @param condition which of its rows, as SQL; empty for all of them
 * @param blocks how large it is, to balance the work
 * @param number its place among the ranges of the key; {@link #BY_BLOCK} if it is none of them
 */
record CopyRange(Relation relation, String condition, long blocks, int number) {
  /** No range of the key. */
  static final int BY_BLOCK = -1;

  /**
   * What is read: a table by its name, and which table that must be.
   *
   * @param id the table behind the name
   * @param name the name
   * @param only whether rows of tables below it are left out
   * @param without partitions whose rows are left out
   */
  record Relation(TableId id, TableName name, boolean only, List<TableId> without) {
    Relation {
      without = List.copyOf(without);
    }

    static Relation of(TableLeaf leaf) {
      return new Relation(leaf.id(), leaf.name(), true, List.of());
    }

    private String source() {
      return (only ? "ONLY " : "") + name.quoted();
    }

    private String unwanted() {
      return without.stream().map(TableId::toString).collect(Collectors.joining(", "));
    }
  }

  /** No last block: the table may have grown. */
  static final long OPEN = -1;

  /** {@return what is read; no key values} */
  @Override
  public String toString() {
    return "CopyRange[" + relation.name() + ", range " + number + "]";
  }

  /** {@return all rows of a leaf, without those of tables that inherit from it} */
  static CopyRange whole(TableLeaf leaf) {
    return part(leaf, 0, OPEN, leaf.blocks());
  }

  /** {@return all rows of a table that has no partitions} */
  static CopyRange whole(TableId id, TableName name) {
    return new CopyRange(new Relation(id, name, true, List.of()), "", 0, BY_BLOCK);
  }

  /**
   * {@return the rows in some blocks of a leaf}
   *
   * @param firstBlock the first block; 0 for the beginning
   * @param endBlock the block behind the last one; {@link #OPEN} for the end, wherever it is
   */
  static CopyRange part(TableLeaf leaf, long firstBlock, long endBlock, long blocks) {
    String from = firstBlock > 0 ? "ctid >= '(" + firstBlock + ",0)'" : "";
    String to = endBlock == OPEN ? "" : "ctid < '(" + endBlock + ",0)'";
    String condition = from.isEmpty() || to.isEmpty() ? from + to : from + " AND " + to;
    return new CopyRange(Relation.of(leaf), condition, blocks, BY_BLOCK);
  }

  /** {@return the rows of a leaf whose key lies in a range} */
  static CopyRange ofKey(TableLeaf leaf, KeyRange keys, int number) {
    return new CopyRange(Relation.of(leaf), KeyPlan.condition(keys), leaf.blocks(), number);
  }

  /**
   * {@return all rows of a partitioned table, for a role that may not read its partitions under
   * their own names}
   *
   * @param without partitions whose rows are left out
   */
  static CopyRange throughRoot(TableId id, TableName name, List<TableId> without, long blocks) {
    return new CopyRange(new Relation(id, name, false, without), "", blocks, BY_BLOCK);
  }

  /**
   * {@return the command that reads the rows}
   *
   * @param columns the columns in the order in which rows shall have them
   * @param rows which rows of the table are copied
   * @param format in what format to read them
   */
  String copyCommand(List<String> columns, RowChoice rows, ValueFormat format) {
    String selected = columns.stream().map(TableName::quote).collect(Collectors.joining(", "));
    String where = conditions(rows);
    return "COPY (SELECT "
        + selected
        + " FROM "
        + relation.source()
        + rows.alias()
        + (where.isEmpty() ? "" : " WHERE " + where)
        + (format == ValueFormat.BINARY ? ") TO STDOUT (FORMAT binary)" : ") TO STDOUT");
  }

  private String conditions(RowChoice rows) {
    List<String> conditions = new ArrayList<>(rows.conditions());
    if (!relation.without().isEmpty()) {
      conditions.add("tableoid NOT IN (" + relation.unwanted() + ")");
    }
    if (!condition.isEmpty()) {
      conditions.add(condition);
    }
    return String.join(" AND ", conditions);
  }
}
