package dev.pgetl.internal.copy;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How the rows of a table are divided among connections. Left out are partitions whose changes the
 * server does not send. Stateless.
 */
final class CopyPlan {
  /** A connection that has less than this to do (4 MiB) costs more than it brings. */
  static final long LEAST_BLOCKS = 512;

  /** Connections are not equally fast: the more ranges, the more equal their ends. */
  private static final int RANGES_PER_CONNECTION = 8;

  private CopyPlan() {}

  /** {@return how many connections are worth their while} */
  static int connections(List<TableLeaf> leaves, int maxConnections) {
    if (!allReadable(leaves)) {
      return 1;
    }
    return (int) Math.max(1, Math.min(maxConnections, blocks(leaves) / LEAST_BLOCKS));
  }

  /**
   * {@return the ranges, the largest first, so that no connection is left alone with a large one in
   * the end}
   */
  static List<CopyRange> ranges(
      TableId id, TableName table, List<TableLeaf> leaves, int connections) {
    if (!allReadable(leaves)) {
      List<TableId> unsent =
          leaves.stream().filter(leaf -> !leaf.sent()).map(TableLeaf::id).toList();
      return List.of(CopyRange.throughRoot(id, table, unsent, blocks(leaves)));
    }
    long share = blocks(leaves) / ((long) connections * RANGES_PER_CONNECTION);
    long size = connections == 1 ? Long.MAX_VALUE : Math.max(share, LEAST_BLOCKS);
    List<CopyRange> ranges = new ArrayList<>();
    leaves.stream().filter(TableLeaf::sent).forEach(leaf -> split(leaf, size, ranges));
    ranges.sort(Comparator.comparingLong(CopyRange::blocks).reversed());
    return ranges;
  }

  private static void split(TableLeaf leaf, long size, List<CopyRange> ranges) {
    if (!leaf.splittable() || leaf.blocks() <= size) {
      ranges.add(CopyRange.whole(leaf));
      return;
    }
    long first = 0;
    while (leaf.blocks() - first > size) {
      ranges.add(CopyRange.part(leaf, first, first + size, size));
      first += size;
    }
    ranges.add(CopyRange.part(leaf, first, CopyRange.OPEN, leaf.blocks() - first));
  }

  private static boolean allReadable(List<TableLeaf> leaves) {
    return leaves.stream().filter(TableLeaf::sent).allMatch(TableLeaf::readable);
  }

  private static long blocks(List<TableLeaf> leaves) {
    return leaves.stream().mapToLong(TableLeaf::blocks).sum();
  }
}
