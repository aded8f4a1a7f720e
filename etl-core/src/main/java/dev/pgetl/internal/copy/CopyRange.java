package dev.pgetl.internal.copy;

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
 * @param firstBlock the first block; 0 for the beginning
 * @param endBlock the block behind the last one; {@link #OPEN} for the end, wherever it is
 * @param blocks how large it is, to balance the work
 */
record CopyRange(Relation relation, long firstBlock, long endBlock, long blocks) {
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

  /** {@return all rows of a leaf, without those of tables that inherit from it} */
  static CopyRange whole(TableLeaf leaf) {
    return part(leaf, 0, OPEN, leaf.blocks());
  }

  /** {@return all rows of a table that has no partitions} */
  static CopyRange whole(TableId id, TableName name) {
    return new CopyRange(new Relation(id, name, true, List.of()), 0, OPEN, 0);
  }

  static CopyRange part(TableLeaf leaf, long firstBlock, long endBlock, long blocks) {
    return new CopyRange(Relation.of(leaf), firstBlock, endBlock, blocks);
  }

  /**
   * {@return all rows of a partitioned table, for a role that may not read its partitions under
   * their own names}
   *
   * @param without partitions whose rows are left out
   */
  static CopyRange throughRoot(TableId id, TableName name, List<TableId> without, long blocks) {
    return new CopyRange(new Relation(id, name, false, without), 0, OPEN, blocks);
  }

  /**
   * {@return the command that reads the rows}
   *
   * @param columns the columns in the order in which rows shall have them
   * @param rowFilter a condition on rows; empty if there is none
   * @param format in what format to read them
   */
  String copyCommand(List<String> columns, String rowFilter, ValueFormat format) {
    String selected = columns.stream().map(TableName::quote).collect(Collectors.joining(", "));
    String where = conditions(rowFilter);
    return "COPY (SELECT "
        + selected
        + " FROM "
        + relation.source()
        + (where.isEmpty() ? "" : " WHERE " + where)
        + (format == ValueFormat.BINARY ? ") TO STDOUT (FORMAT binary)" : ") TO STDOUT");
  }

  private String conditions(String rowFilter) {
    List<String> conditions = new ArrayList<>();
    if (!rowFilter.isEmpty()) {
      conditions.add("(" + rowFilter + ")");
    }
    if (!relation.without().isEmpty()) {
      conditions.add("tableoid NOT IN (" + relation.unwanted() + ")");
    }
    if (firstBlock > 0) {
      conditions.add("ctid >= '(" + firstBlock + ",0)'");
    }
    if (endBlock != OPEN) {
      conditions.add("ctid < '(" + endBlock + ",0)'");
    }
    return String.join(" AND ", conditions);
  }
}
