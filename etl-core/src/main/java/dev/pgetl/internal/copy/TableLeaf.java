package dev.pgetl.internal.copy;

import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * A table that holds rows itself: a plain table, or one of the leaf partitions of a partitioned
 * one.
 *
 * @param name its qualified name
 * @param blocks its size
 * @param estimatedRows how many rows it has; -1 if the server has no estimate
 * @param splittable whether its rows can be read by the block they lie in
 * @param readable whether this role may read it under its own name
 * @param locked whether this transaction holds a lock on it
 */
record TableLeaf(
    TableName name,
    long blocks,
    long estimatedRows,
    boolean splittable,
    boolean readable,
    boolean locked) {

  /**
   * The tree of a plain table is empty. The rows of an estimate are spread over the blocks there
   * were when it was made.
   */
  private static final String LEAVES =
      """
      SELECT l.nspname, l.relname, l.blocks,
        CASE WHEN l.blocks = 0 THEN 0 WHEN l.reltuples < 0 THEN -1 WHEN l.relpages = 0 THEN l.reltuples
          ELSE l.reltuples / l.relpages * l.blocks END::bigint,
        l.splittable, l.readable, l.locked
      FROM (SELECT n.nspname, c.oid, c.relname, c.reltuples, c.relpages,
          CASE WHEN c.relkind = 'f' THEN 0
            ELSE pg_relation_size(c.oid) / current_setting('block_size')::int END AS blocks,
          c.relkind = 'r' AND EXISTS (SELECT FROM pg_am m WHERE m.oid = c.relam AND m.amname = 'heap') AS splittable,
          has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable,
          EXISTS (SELECT FROM pg_locks k
            WHERE k.pid = pg_backend_pid() AND k.locktype = 'relation' AND k.relation = c.oid) AS locked
        FROM pg_class t
        JOIN pg_class c ON t.relkind <> 'p' AND c.oid = t.oid
          OR t.relkind = 'p' AND c.oid IN (SELECT p.relid FROM pg_partition_tree(t.oid) p WHERE p.isleaf)
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE t.oid = ?::oid) l
      ORDER BY l.oid""";

  /** {@return the leaves of a table} */
  static List<TableLeaf> of(Connection connection, TableId table) throws SQLException {
    return Sql.list(connection, LEAVES, TableLeaf::read, table.oid());
  }

  private static TableLeaf read(ResultSet row) throws SQLException {
    return new TableLeaf(
        new TableName(row.getString(1), row.getString(2)),
        row.getLong(3),
        row.getLong(4),
        row.getBoolean(5),
        row.getBoolean(6),
        row.getBoolean(7));
  }
}
