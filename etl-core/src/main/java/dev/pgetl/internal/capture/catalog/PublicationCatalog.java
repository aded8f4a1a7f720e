package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PipelineStore;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What publications publish. Stateless. */
public final class PublicationCatalog {
  /**
   * What a publication does with changes.
   *
   * @param updatesOrDeletes whether it publishes any that need a replica identity
   */
  record Publication(boolean updatesOrDeletes) {}

  private static final String PUBLICATION =
      "SELECT pubupdate OR pubdelete FROM pg_publication WHERE pubname = ?";

  /** Before Postgres 15 there are neither column lists nor row filters. */
  private static final String LISTED_14 =
      """
      listed(oid, attrs, qual) AS (
        SELECT DISTINCT t.relid, NULL::int2vector, NULL::pg_node_tree
        FROM pub, pg_get_publication_tables(pub.pubname::text) t)""";

  private static final String LISTED_BY_SERVER =
      """
      listed(oid, attrs, qual) AS (
        SELECT t.relid, t.attrs, t.qual FROM pub, pg_get_publication_tables(pub.pubname::text) t)""";

  /**
   * From Postgres 16 on the server opens each table of the list and so waits for sessions that
   * locked one of them. These are its rules, applied to catalogue rows.
   */
  private static final String LISTED_16 =
      """
      named(oid) AS (
        SELECT r.prrelid FROM pub JOIN pg_publication_rel r ON r.prpubid = pub.oid
        UNION SELECT c.oid FROM pub JOIN pg_publication_namespace s ON s.pnpubid = pub.oid
          JOIN pg_class c ON c.relnamespace = s.pnnspid
        WHERE pg_relation_is_publishable(c.oid)),
      below(oid) AS (
        SELECT part.oid FROM named CROSS JOIN LATERAL %s AS part WHERE part.oid <> named.oid),
      listed(oid, attrs, qual) AS (
        SELECT c.oid, r.prattrs, r.prqual
        FROM pub JOIN pg_class c ON CASE
            WHEN pub.puballtables THEN pg_relation_is_publishable(c.oid)
              AND CASE WHEN pub.pubviaroot THEN NOT c.relispartition ELSE c.relkind = 'r' END
            WHEN pub.pubviaroot THEN c.oid IN (TABLE named) AND c.oid NOT IN (TABLE below)
            ELSE c.relkind <> 'p' AND (c.oid IN (TABLE named) OR c.oid IN (TABLE below)) END
        LEFT JOIN pg_publication_rel r ON r.prpubid = pub.oid AND r.prrelid = c.oid
          AND NOT EXISTS (SELECT FROM pg_publication_namespace s
            WHERE s.pnpubid = pub.oid AND s.pnnspid = c.relnamespace))"""
          .formatted(PartitionTree.of("named.oid"));

  /** Whose rules {@link #LISTED_16} are; a later server may have others. */
  private static final int LAST_KNOWN_MAJOR = 18;

  /** A publication's tables, each with what it says of columns and rows, if it does. */
  private static final String LIST =
      "WITH RECURSIVE pub AS (SELECT * FROM pg_publication WHERE pubname = ?),\n%s\n";

  /**
   * A table needs an identity under its own name, or each of its leaf partitions does. Left out are
   * tables in which a store keeps the state of pipelines, known by their comment: replicating
   * progress would make progress without end. A privilege on columns does not let a table be
   * locked.
   */
  private static final String TABLES =
      """
      SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident,
        has_schema_privilege(n.oid, 'USAGE')
          AND has_table_privilege(c.oid, 'SELECT')
          AND NOT row_security_active(c.oid),
        NOT EXISTS (SELECT FROM %s AS t JOIN pg_class l ON l.oid = t.oid
          WHERE l.relkind <> 'p' AND l.relreplident <> 'f'
            AND NOT EXISTS (SELECT FROM pg_index i
              WHERE i.indrelid = l.oid AND i.indisvalid AND i.indimmediate
                AND (l.relreplident = 'd' AND i.indisprimary OR l.relreplident = 'i' AND i.indisreplident))),
        published.columns, coalesce(listed.qual::text, '')
      FROM pub CROSS JOIN listed
      JOIN pg_class c ON c.oid = listed.oid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND CASE WHEN listed.attrs IS NOT NULL THEN a.attnum = ANY (listed.attrs)
            ELSE a.attgenerated = '' OR a.attgenerated = 's' AND to_jsonb(pub) ->> 'pubgencols' = 's' END) AS published(columns)
      WHERE obj_description(c.oid, 'pg_class') IS DISTINCT FROM '%s'"""
          .formatted(PartitionTree.of("c.oid"), PipelineStore.TABLE_COMMENT);

  /** The server opens the table for it. */
  private static final String ROW_FILTER =
      "SELECT pg_get_expr(qual, oid) FROM listed WHERE oid = ?::oid AND qual IS NOT NULL";

  private PublicationCatalog() {}

  public static Optional<Publication> publication(Connection connection, String name)
      throws SQLException {
    return Sql.first(connection, PUBLICATION, row -> new Publication(row.getBoolean(1)), name);
  }

  /** {@return the tables of a publication, by name; none if there is no such publication} */
  public static List<PublishedTable> tables(Connection connection, String publication)
      throws SQLException {
    return Sql.list(
        connection,
        query(connection, TABLES) + " ORDER BY n.nspname, c.relname",
        row -> table(publication, row),
        publication);
  }

  /** {@return a table as a publication publishes it at the moment, if it does} */
  public static Optional<PublishedTable> table(
      Connection connection, String publication, TableId id) throws SQLException {
    return Sql.first(
        connection,
        query(connection, TABLES) + " AND c.oid = ?::oid",
        row -> table(publication, row),
        publication,
        id.oid());
  }

  /**
   * {@return a publication's condition on a table's rows as SQL; empty if there is none} Waits for
   * the table's lock.
   */
  public static String rowFilter(Connection connection, String publication, TableId id)
      throws SQLException {
    return Sql.first(
            connection,
            query(connection, ROW_FILTER),
            row -> row.getString(1),
            publication,
            id.oid())
        .orElse("");
  }

  private static String query(Connection connection, String select) throws SQLException {
    int major = connection.getMetaData().getDatabaseMajorVersion();
    String listed = major >= 16 && major <= LAST_KNOWN_MAJOR ? LISTED_16 : LISTED_BY_SERVER;
    return LIST.formatted(major < 15 ? LISTED_14 : listed) + select;
  }

  private static PublishedTable table(String publication, ResultSet row) throws SQLException {
    return new PublishedTable(
        publication,
        new TableId(row.getLong(1)),
        new TableName(row.getString(2), row.getString(3)),
        row.getString(4).equals("p"),
        names(row.getArray(8)),
        row.getString(9),
        row.getBoolean(6),
        new PublishedTable.Identity(
            ReplicaIdentity.ofCode(row.getString(5).charAt(0)), row.getBoolean(7)));
  }

  private static List<String> names(Array array) throws SQLException {
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  public static EtlException missing(String publication) {
    return new EtlException(
            ErrorKind.PUBLICATION_MISSING, "publication \"" + publication + "\" does not exist")
        .withFix(
            "Create it: CREATE PUBLICATION " + TableName.quote(publication) + " FOR TABLE ...");
  }
}
