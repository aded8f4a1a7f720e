package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.facts.AddedValues;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Partitions by their catalogue rows. The server's own {@code pg_partition_tree} opens each of
 * them, and so waits for a lock on any. Stateless.
 *
 * <p>The queries cost as much as they find: only partitioned tables are asked for their partitions,
 * one by one, so that each look-up uses an index; {@code OFFSET 0} keeps the server from joining
 * all partitions of the database instead.
 */
public final class PartitionTree {
  /**
   * A table that was made as a partition has its columns from the same command as its row type; one
   * that was attached got them changed then. So does a partition between the leaf and the root.
   */
  private static final String HAD_ROWS =
      """
      SELECT EXISTS (SELECT FROM unnest(?::int8[]) AS leaf(oid)
        CROSS JOIN LATERAL pg_partition_ancestors(leaf.oid::oid::regclass) AS node(id)
        JOIN pg_class c ON c.oid = node.id JOIN pg_type t ON t.oid = c.reltype
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
        WHERE node.id <> ?::oid AND c.relispartition AND pg_relation_size(leaf.oid::oid::regclass) > 0
          AND (a.xmin::text <> t.xmin::text OR a.cmin::text <> t.cmin::text))""";

  private static final String LEAVES =
      """
      SELECT root.oid, l.* FROM unnest(?::int8[]) AS root(oid) CROSS JOIN LATERAL %1$s AS t CROSS JOIN LATERAL (
        SELECT c.oid, n.nspname, c.relname, %2$s, c.relkind = 'f'
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = t.oid AND c.relkind <> 'p' OFFSET 0) l"""
          .formatted(of("root.oid::oid"), UnsentTable.CONDITION);

  /**
   * What rows have from before a column is kept where rows are: in the oldest leaf, which was there
   * when the column was added.
   */
  private static final String OLDER =
      """
      SELECT oldest.root, a.attname, (a.attmissingval::text::text[])[1]
      FROM (SELECT root.oid AS root, (SELECT min(t.oid) FROM %s AS t CROSS JOIN LATERAL
          (SELECT p.relkind FROM pg_class p WHERE p.oid = t.oid OFFSET 0) leaf WHERE leaf.relkind <> 'p') AS leaf
          FROM unnest(?::int8[]) AS root(oid) OFFSET 0) oldest
        CROSS JOIN LATERAL (SELECT a.attname, a.attmissingval FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.oid = oldest.leaf AND a.attnum > 0 AND NOT a.attisdropped AND (a.atthasmissing OR %s) OFFSET 0) a"""
          .formatted(of("root.oid::oid"), AddedValues.MAY_BE_FILLED);

  /**
   * A partition that holds rows.
   *
   * @param root the table it belongs to
   * @param id itself
   * @param name its qualified name
   * @param unsent why the server sends none of its changes; null if it does
   */
  record Leaf(TableId root, TableId id, TableName name, @Nullable UnsentTable unsent) {
    static Leaf read(ResultSet row) throws SQLException {
      TableName name = new TableName(row.getString(3), row.getString(4));
      UnsentTable unsent = row.getBoolean(5) ? new UnsentTable(name, row.getBoolean(6)) : null;
      return new Leaf(new TableId(row.getLong(1)), new TableId(row.getLong(2)), name, unsent);
    }
  }

  private PartitionTree() {}

  /**
   * {@return SQL for the OIDs of a table and all partitions below it, as a sub-select with the
   * column {@code oid}; empty if there is no such table}
   *
   * @param root an SQL expression for the table's OID
   */
  public static String of(String root) {
    return """
        (WITH RECURSIVE tree(oid, kind) AS (
           SELECT top.oid, top.relkind FROM pg_class top WHERE top.oid = %s
           UNION ALL SELECT part.oid, part.kind FROM tree CROSS JOIN LATERAL %s)
         SELECT oid FROM tree)"""
        .formatted(root, children("tree", ""));
  }

  /**
   * {@return SQL for the partitions of a table, as a sub-select {@code part} with the columns
   * {@code oid} and {@code kind}; to be joined {@code LATERAL}}
   *
   * @param parent a table with those two columns
   * @param condition another condition on {@code c.oid}, the partition, beginning with {@code AND}
   */
  static String children(String parent, String condition) {
    return """
        (SELECT c.oid, found.kind FROM (SELECT i.inhrelid AS oid FROM pg_inherits i
             WHERE i.inhparent = %1$s.oid AND %1$s.kind = 'p' AND NOT i.inhdetachpending) c
           CROSS JOIN LATERAL (SELECT p.relkind AS kind FROM pg_class p WHERE p.oid = c.oid OFFSET 0) found
           WHERE true %2$s OFFSET 0) AS part"""
        .formatted(parent, condition);
  }

  /** {@return the leaves of tables} */
  static List<Leaf> leaves(Connection connection, Collection<TableId> roots) throws SQLException {
    return Sql.list(connection, LEAVES, Leaf::read, oids(connection, roots));
  }

  /**
   * {@return what rows of each table have in columns that came later, by the column's name; null if
   * they may have anything}
   */
  static Map<TableId, Map<String, @Nullable String>> olderValues(
      Connection connection, Collection<TableId> roots) throws SQLException {
    Map<TableId, Map<String, @Nullable String>> values = new HashMap<>();
    if (!roots.isEmpty()) {
      List<Boolean> unused =
          Sql.list(
              connection,
              OLDER,
              row -> {
                values
                    .computeIfAbsent(new TableId(row.getLong(1)), root -> new HashMap<>())
                    .put(row.getString(2), row.getString(3));
                return true;
              },
              oids(connection, roots));
    }
    return values;
  }

  /** {@return the argument for {@code ?::int8[]}} */
  static Array oids(Connection connection, Collection<TableId> tables) throws SQLException {
    return connection.createArrayOf("int8", tables.stream().map(TableId::oid).toArray());
  }

  /** {@return whether leaves may have had rows before they became part of a table} */
  static boolean hadRows(Connection connection, TableId root, Set<TableId> attached)
      throws SQLException {
    return Sql.first(
            connection, HAD_ROWS, row -> row.getBoolean(1), oids(connection, attached), root.oid())
        .orElseThrow();
  }
}
