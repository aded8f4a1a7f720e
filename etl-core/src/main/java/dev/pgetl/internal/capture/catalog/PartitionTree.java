package dev.pgetl.internal.capture.catalog;

/**
 * Partitions by their catalogue rows. The server's own {@code pg_partition_tree} opens each of
 * them, and so waits for a lock on any. Stateless.
 */
public final class PartitionTree {
  private PartitionTree() {}

  /**
   * {@return SQL for the OIDs of a table and all partitions below it, as a sub-select with the
   * column {@code oid}}
   *
   * @param root an SQL expression for the table's OID
   */
  static String of(String root) {
    return """
        (WITH RECURSIVE tree(oid) AS (
           SELECT %s
           UNION SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
             JOIN pg_class part ON part.oid = i.inhrelid
           WHERE part.relispartition AND NOT i.inhdetachpending)
         SELECT oid FROM tree)"""
        .formatted(root);
  }
}
