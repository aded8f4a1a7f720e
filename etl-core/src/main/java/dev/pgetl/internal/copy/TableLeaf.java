package dev.pgetl.internal.copy;

import dev.pgetl.internal.capture.catalog.PartitionTree;
import dev.pgetl.internal.capture.catalog.UnsentTable;
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
 * @param id the table
 * @param name its qualified name
 * @param blocks its size
 * @param estimatedRows how many rows it has; -1 if the server has no estimate
 * @param splittable whether its rows can be read by the block they lie in
 * @param readable whether this role may read it under its own name, all rows of it
 * @param locked whether this transaction holds a lock on it
 * @param kind how its rows are stored
 */
public record TableLeaf(
    TableId id,
    TableName name,
    long blocks,
    long estimatedRows,
    boolean splittable,
    boolean readable,
    boolean locked,
    Kind kind) {
  /** How rows are stored. */
  public enum Kind {
    /** In the WAL, too: the stream has the changes. */
    LOGGED,
    UNLOGGED,
    FOREIGN
  }

  /**
   * The rows of an estimate are spread over the blocks there were when it was made. The set of
   * locks is asked for once, and hashed.
   */
  private static final String LEAVES =
      """
      SELECT l.oid, l.nspname, l.relname, l.blocks,
        CASE WHEN l.blocks = 0 THEN 0 WHEN l.reltuples < 0 THEN -1 WHEN l.relpages = 0 THEN l.reltuples
          ELSE l.reltuples / l.relpages * l.blocks END::bigint,
        l.splittable, l.readable,
        l.oid IN (SELECT k.relation FROM pg_locks k WHERE k.pid = pg_backend_pid() AND k.locktype = 'relation'),
        l.kind
      FROM %1$s AS t CROSS JOIN LATERAL (SELECT n.nspname, c.oid, c.relname, c.reltuples, c.relpages,
          CASE WHEN %2$s THEN 0
            ELSE pg_relation_size(c.oid) / current_setting('block_size')::int END AS blocks,
          c.relkind = 'r' AND EXISTS (SELECT FROM pg_am m WHERE m.oid = c.relam AND m.amname = 'heap') AS splittable,
          has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
            AND NOT row_security_active(c.oid) AS readable,
          CASE WHEN c.relkind = 'f' THEN 'FOREIGN' WHEN %2$s THEN 'UNLOGGED' ELSE 'LOGGED' END AS kind
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = t.oid AND c.relkind <> 'p' OFFSET 0) l
      ORDER BY l.oid"""
          .formatted(PartitionTree.of("?::oid"), UnsentTable.CONDITION);

  /** {@return the leaves of a table} */
  public static List<TableLeaf> of(Connection connection, TableId table) throws SQLException {
    return Sql.list(connection, LEAVES, TableLeaf::read, table.oid());
  }

  private static TableLeaf read(ResultSet row) throws SQLException {
    return new TableLeaf(
        new TableId(row.getLong(1)),
        new TableName(row.getString(2), row.getString(3)),
        row.getLong(4),
        row.getLong(5),
        row.getBoolean(6),
        row.getBoolean(7),
        row.getBoolean(8),
        Kind.valueOf(row.getString(9)));
  }

  /** {@return whether the stream has its changes, so that its rows are worth copying} */
  public boolean sent() {
    return kind == Kind.LOGGED;
  }
}
