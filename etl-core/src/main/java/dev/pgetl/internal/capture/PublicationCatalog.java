package dev.pgetl.internal.capture;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What publications publish. Stateless. */
final class PublicationCatalog {
  /**
   * What a publication does with changes.
   *
   * @param updatesOrDeletes whether it publishes any that need a replica identity
   */
  record Publication(boolean updatesOrDeletes) {}

  private static final String PUBLICATION =
      "SELECT pubupdate OR pubdelete FROM pg_publication WHERE pubname = ?";

  /** From Postgres 15 on the view knows column lists and row filters; before, there were none. */
  private static final String COLUMNS_15 = "p.attnames, coalesce(p.rowfilter, '')";

  private static final String COLUMNS_14 =
      """
      (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), ''""";

  /**
   * A table needs an identity under its own name, or each of its leaf partitions does. Left out are
   * tables in which a store keeps the state of pipelines, known by their comment: replicating
   * progress would make progress for ever.
   */
  private static final String TABLES =
      """
      SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident,
        has_schema_privilege(n.oid, 'USAGE')
          AND (has_table_privilege(c.oid, 'SELECT')
            OR NOT EXISTS (SELECT FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attname = ANY (pub.columns) AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')))
          AND NOT row_security_active(c.oid),
        NOT EXISTS (SELECT FROM pg_class l
          WHERE (l.oid = c.oid AND c.relkind <> 'p'
              OR c.relkind = 'p' AND l.oid IN (SELECT t.relid FROM pg_partition_tree(c.oid) t WHERE t.isleaf))
            AND l.relreplident <> 'f'
            AND NOT EXISTS (SELECT FROM pg_index i
              WHERE i.indrelid = l.oid AND i.indisvalid AND i.indimmediate
                AND (l.relreplident = 'd' AND i.indisprimary OR l.relreplident = 'i' AND i.indisreplident))),
        pub.columns, pub.filter
      FROM pg_publication_tables p
      JOIN pg_namespace n ON n.nspname = p.schemaname
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
      CROSS JOIN LATERAL (SELECT %s) AS pub(columns, filter)
      WHERE p.pubname = ?
        AND obj_description(c.oid, 'pg_class') IS DISTINCT FROM 'pgetl store: state of pipelines, never replicated'""";

  private PublicationCatalog() {}

  static Optional<Publication> publication(Connection connection, String name) throws SQLException {
    return Sql.first(connection, PUBLICATION, row -> new Publication(row.getBoolean(1)), name);
  }

  /** {@return the tables of a publication, by name; none if there is no such publication} */
  static List<PublishedTable> tables(Connection connection, String publication)
      throws SQLException {
    return Sql.list(
        connection,
        tablesQuery(connection) + " ORDER BY n.nspname, c.relname",
        row -> table(publication, row),
        publication);
  }

  /** {@return a table as a publication publishes it at the moment, if it does} */
  static Optional<PublishedTable> table(Connection connection, String publication, TableId id)
      throws SQLException {
    return Sql.first(
        connection,
        tablesQuery(connection) + " AND c.oid = ?::oid",
        row -> table(publication, row),
        publication,
        id.oid());
  }

  private static String tablesQuery(Connection connection) throws SQLException {
    int major = connection.getMetaData().getDatabaseMajorVersion();
    return TABLES.formatted(major >= 15 ? COLUMNS_15 : COLUMNS_14);
  }

  private static PublishedTable table(String publication, ResultSet row) throws SQLException {
    return new PublishedTable(
        publication,
        new TableId(row.getLong(1)),
        new TableName(row.getString(2), row.getString(3)),
        row.getString(4).charAt(0),
        names(row.getArray(8)),
        row.getString(9),
        row.getBoolean(6),
        ReplicaIdentity.ofCode(row.getString(5).charAt(0)),
        row.getBoolean(7));
  }

  private static List<String> names(Array array) throws SQLException {
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  static EtlException missing(String publication) {
    return new EtlException(
            ErrorKind.PUBLICATION_MISSING, "publication \"" + publication + "\" does not exist")
        .withFix(
            "Create it: CREATE PUBLICATION " + TableName.quote(publication) + " FOR TABLE ...");
  }
}
