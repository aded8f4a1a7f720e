package dev.pgetl.internal.capture;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PartitionTree;
import dev.pgetl.internal.capture.catalog.UnsentTable;
import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much a copy of a table has to read. For a partitioned table that is the sum of its leaves,
 * without those whose changes the server does not send.
 *
 * @param bytes of the heap and its TOAST table
 * @param rows about how many there are, by the planner's statistics; -1 if there are none
 */
public record TableSize(long bytes, long rows) {
  /** Another session may lock a table between the look at the locks and that at its file. */
  private static final String WAIT_AT_MOST = "SET LOCAL lock_timeout = 100";

  /**
   * To look at its files the server locks a table, if only for that moment. One that another
   * session holds, or waits for, has the size it had when it was vacuumed or analyzed last, and
   * none if it never was.
   */
  private static final String SIZES =
      """
      WITH held(oid) AS MATERIALIZED (SELECT k.relation FROM pg_locks k
        WHERE k.locktype = 'relation' AND k.mode = 'AccessExclusiveLock'
          AND k.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())),
      wanted(exact) AS (SELECT ?::boolean)
      SELECT root.oid, sum(l.heap + coalesce(l.toast, 0))::bigint,
        CASE WHEN bool_and(l.known) THEN sum(l.rows)::bigint ELSE -1 END
      FROM wanted CROSS JOIN unnest(?::int8[]) AS root(oid) CROSS JOIN LATERAL %1$s AS t CROSS JOIN LATERAL (
        SELECT heap.bytes AS heap, toast.bytes AS toast, heap.bytes = 0 OR c.reltuples >= 0 AS known,
          CASE WHEN heap.bytes = 0 THEN 0 WHEN c.relpages = 0 THEN c.reltuples
            ELSE c.reltuples / c.relpages * (heap.bytes / current_setting('block_size')::int) END AS rows
        FROM pg_class c CROSS JOIN LATERAL %2$s AS heap CROSS JOIN LATERAL %3$s AS toast
        WHERE c.oid = t.oid AND c.relkind <> 'p' AND NOT %4$s OFFSET 0) l
      WHERE l.heap IS NOT NULL GROUP BY root.oid"""
          .formatted(
              PartitionTree.of("root.oid::oid"),
              bytes("c.oid"),
              bytes("c.reltoastrelid"),
              UnsentTable.CONDITION);

  /** {@return SQL for the size of a relation; null if it is not known, 0 if there is none} */
  private static String bytes(String oid) {
    return """
        (SELECT CASE WHEN %1$s = 0 THEN 0
            WHEN wanted.exact AND %1$s NOT IN (TABLE held) THEN coalesce(pg_relation_size(%1$s), 0)
            ELSE (SELECT nullif(r.relpages, 0)::bigint * current_setting('block_size')::int
              FROM pg_class r WHERE r.oid = %1$s) END AS bytes)"""
        .formatted(oid);
  }

  /** {@return those of some tables, if they are known} */
  static Map<TableId, TableSize> of(ControlSession control, Collection<TableId> tables) {
    String doing = "read the size of " + tables.size() + " tables";
    try {
      return control.callAtOneMoment(doing, c -> of(c, tables, true));
    } catch (EtlException e) {
      if (e.kind() != ErrorKind.SOURCE_BUSY) {
        throw e;
      }
      return control.callAtOneMoment(doing, c -> of(c, tables, false));
    }
  }

  /**
   * {@return those of some tables, if they are known}
   *
   * @param connection in a transaction
   * @param exact false to look at no file
   */
  public static Map<TableId, TableSize> of(
      Connection connection, Collection<TableId> tables, boolean exact) throws SQLException {
    Sql.run(connection, WAIT_AT_MOST);
    Map<TableId, TableSize> sizes = new HashMap<>();
    List<Boolean> unused =
        Sql.list(
            connection,
            SIZES,
            row -> {
              TableSize size = new TableSize(row.getLong(2), row.getLong(3));
              return sizes.put(new TableId(row.getLong(1)), size) == null;
            },
            exact,
            connection.createArrayOf("int8", tables.stream().map(TableId::oid).toArray()));
    return sizes;
  }
}
