package dev.pgetl.internal.copy;

import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rows that are read by one COPY.
 *
 * @param relation what stands behind {@code FROM}
 * @param firstBlock the first block; 0 for the beginning
 * @param endBlock the block behind the last one; {@link #OPEN} for the end, wherever it is
 * @param blocks how large it is, to balance the work
 */
record CopyRange(String relation, long firstBlock, long endBlock, long blocks) {
  /** No last block: the table may have grown. */
  static final long OPEN = -1;

  /** {@return all rows of a leaf, without those of tables that inherit from it} */
  static CopyRange whole(TableLeaf leaf) {
    return part(leaf, 0, OPEN, leaf.blocks());
  }

  static CopyRange part(TableLeaf leaf, long firstBlock, long endBlock, long blocks) {
    return new CopyRange("ONLY " + leaf.name().quoted(), firstBlock, endBlock, blocks);
  }

  /**
   * {@return all rows of a partitioned table, for a role that may not read its partitions under
   * their own names}
   */
  static CopyRange throughRoot(TableName root, long blocks) {
    return new CopyRange(root.quoted(), 0, OPEN, blocks);
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
        + relation
        + (where.isEmpty() ? "" : " WHERE " + where)
        + (format == ValueFormat.BINARY ? ") TO STDOUT (FORMAT binary)" : ") TO STDOUT");
  }

  private String conditions(String rowFilter) {
    List<String> conditions = new ArrayList<>();
    if (!rowFilter.isEmpty()) {
      conditions.add("(" + rowFilter + ")");
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
