package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PipelineStore;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What publications publish. Stateless. */
public final class PublicationCatalog {
  /**
   * What a publication does.
   *
   * @param updatesOrDeletes whether it publishes any that need a replica identity
   * @param grows whether it takes tables in that are created later
   */
  record Publication(boolean updatesOrDeletes, boolean grows) {}

  private static final String PUBLICATION =
      """
      SELECT p.pubupdate OR p.pubdelete, p.puballtables
        OR EXISTS (SELECT FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
          WHERE r.prpubid = p.oid AND c.relkind = 'p')
        OR %s
      FROM pg_publication p WHERE p.pubname = ?""";

  private static final String NAMES_SCHEMA_15 =
      "EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid)";

  private static final String UNSENT =
      """
      SELECT t.* FROM listed CROSS JOIN LATERAL (
        SELECT n.nspname, c.relname, c.relkind = 'f' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = listed.oid AND c.relkind <> 'p' AND %s OFFSET 0) t"""
          .formatted(UnsentTable.CONDITION);

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
   * locked one of them. These are its rules, applied to catalogue rows. The place-holders are
   * conditions on {@code c} and {@code r} that limit what is looked at.
   */
  private static final String LISTED_16 =
      """
      named(oid, kind) AS (
        SELECT c.oid, c.relkind
        FROM pub JOIN pg_publication_rel r ON r.prpubid = pub.oid JOIN pg_class c ON c.oid = r.prrelid
        WHERE true %%1$s %%2$s
        UNION SELECT c.oid, c.relkind FROM pub JOIN pg_publication_namespace s ON s.pnpubid = pub.oid
          JOIN pg_class c ON c.relnamespace = s.pnnspid
        WHERE pg_relation_is_publishable(c.oid) %%1$s),
      below(oid, kind) AS (
        SELECT part.oid, part.kind FROM named CROSS JOIN LATERAL %s
        UNION SELECT part.oid, part.kind FROM below CROSS JOIN LATERAL %s),
      chosen(oid) AS (
        SELECT c.oid FROM pub JOIN pg_class c ON CASE WHEN pub.pubviaroot THEN NOT c.relispartition ELSE c.relkind = 'r' END
        WHERE pub.puballtables AND pg_relation_is_publishable(c.oid) %%1$s
        UNION ALL (SELECT named.oid FROM pub, named WHERE NOT pub.puballtables AND pub.pubviaroot
          EXCEPT SELECT oid FROM below)
        UNION ALL (SELECT named.oid FROM pub, named WHERE NOT pub.puballtables AND NOT pub.pubviaroot AND kind <> 'p'
          UNION SELECT below.oid FROM pub, below WHERE NOT pub.puballtables AND NOT pub.pubviaroot AND kind <> 'p')),
      listed(oid, attrs, qual) AS (
        SELECT chosen.oid, r.prattrs, r.prqual
        FROM pub CROSS JOIN chosen LEFT JOIN LATERAL (
          SELECT r.prattrs, r.prqual FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
          WHERE r.prpubid = pub.oid AND r.prrelid = chosen.oid
            AND NOT EXISTS (SELECT FROM pg_publication_namespace s
              WHERE s.pnpubid = pub.oid AND s.pnnspid = c.relnamespace) OFFSET 0) r ON true)"""
          .formatted(
              PartitionTree.children("named", "%1$s"), PartitionTree.children("below", "%1$s"));

  /** Whose rules {@link #LISTED_16} are; a later server may have others. */
  private static final int LAST_KNOWN_MAJOR = 18;

  /** A publication's tables, each with what it says of columns and rows, if it does. */
  private static final String LIST =
      "WITH RECURSIVE pub AS (SELECT * FROM pg_publication WHERE pubname = ?),\n%s\n";

  /**
   * Tables and what they are partitions of. Whether one table is published depends on these only,
   * so that a question for it does not cost as much as the list.
   */
  private static final String FAMILY =
      """
      family(oid) AS (
        SELECT unnest(?::oid[]) UNION SELECT i.inhparent FROM family CROSS JOIN LATERAL (
          SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = family.oid OFFSET 0) i),
      """;

  /** The columns of a listed table {@code c} that the server sends. */
  static final String COLUMNS =
      """
      (SELECT coalesce(array_agg(a.attname ORDER BY a.attnum), '{}'),
          string_agg(concat_ws(':', a.attnum, a.atttypid, a.atttypmod), ',' ORDER BY a.attnum),
          string_agg(a.attnum || '=' || (SELECT md5(regexp_replace(d.adbin::text, ':location -?[0-9]+', '', 'g'))
              FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum), ' ' ORDER BY a.attnum)
            FILTER (WHERE a.attgenerated = 's')
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND CASE WHEN listed.attrs IS NOT NULL THEN a.attnum = ANY (listed.attrs)
            ELSE a.attgenerated = '' OR a.attgenerated = 's' AND to_jsonb(pub) ->> 'pubgencols' = 's' END) AS published(columns, shape, generated)""";

  /**
   * Whether a table {@code c} keeps the state of pipelines. {@code obj_description} would cost as
   * much as all else that is asked of a table.
   */
  public static final String IS_STORE =
      """
      EXISTS (SELECT FROM pg_description d WHERE d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
        AND d.objsubid = 0 AND d.description = '%s' OFFSET 0)"""
          .formatted(PipelineStore.TABLE_COMMENT);

  /**
   * What of the catalogue says that a listed table {@code c} is published, and how. Only its own
   * rows are looked up, not all of the publication.
   */
  private static final String SCOPE =
      """
      pub.oid, concat_ws(':', %1$s, (SELECT 't' || r.oid FROM pg_publication_rel r WHERE r.prpubid = pub.oid AND r.prrelid = c.oid),
          CASE WHEN c.relispartition THEN (SELECT string_agg(r.oid::text, ',' ORDER BY r.oid) FROM pg_partition_ancestors(c.oid) a
            CROSS JOIN LATERAL (SELECT r.oid FROM pg_publication_rel r
              WHERE r.prpubid = pub.oid AND r.prrelid = a.relid AND a.relid <> c.oid OFFSET 0) r) END),
        concat_ws(' ', CASE WHEN pub.pubinsert THEN 'insert' END, CASE WHEN pub.pubupdate THEN 'update' END,
          CASE WHEN pub.pubdelete THEN 'delete' END, CASE WHEN pub.pubtruncate THEN 'truncate' END),
        coalesce(md5(regexp_replace(listed.qual::text, ':location -?[0-9]+', '', 'g')), ''),
        coalesce(%2$s, ''), coalesce(published.generated, '')""";

  private static final String SCOPE_14 = SCOPE.formatted("NULL", "NULL");

  /** A server may list all columns where there is no column list. */
  private static final String SCOPE_15 =
      SCOPE.formatted(
          "(SELECT s.oid FROM pg_publication_namespace s WHERE s.pnpubid = pub.oid AND s.pnnspid = n.oid)",
          "(SELECT r.prattrs::text FROM pg_publication_rel r WHERE r.prpubid = pub.oid AND r.prrelid = c.oid)");

  /**
   * For each listed table by itself: the server does not know how few there may be. Left out are
   * tables in which a store keeps the state of pipelines, known by their comment: replicating
   * progress would make progress without end. A privilege on columns does not let a table be
   * locked.
   */
  private static final String TABLES =
      """
      SELECT t.* FROM pub CROSS JOIN listed CROSS JOIN LATERAL (
      SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident,
        concat_ws('; ',
          CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE')
            THEN format('GRANT USAGE ON SCHEMA %%I TO %%I', n.nspname, current_user) END,
          CASE WHEN NOT has_table_privilege(c.oid, 'SELECT')
            THEN format('GRANT SELECT ON %%I.%%I TO %%I', n.nspname, c.relname, current_user) END,
          CASE WHEN row_security_active(c.oid) THEN format('ALTER ROLE %%I BYPASSRLS', current_user) END),
        published.columns, coalesce(published.shape, ''), %s
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL %s
      WHERE c.oid = listed.oid AND NOT %s OFFSET 0) t""";

  /** The server opens the table for it. */
  private static final String ROW_FILTER =
      "SELECT pg_get_expr(qual, oid) FROM listed WHERE oid = ?::oid AND qual IS NOT NULL";

  private PublicationCatalog() {}

  public static Optional<Publication> publication(Connection connection, String name)
      throws SQLException {
    return Sql.first(
        connection,
        PUBLICATION.formatted(major(connection) < 15 ? "false" : NAMES_SCHEMA_15),
        row -> new Publication(row.getBoolean(1), row.getBoolean(2)),
        name);
  }

  /** {@return whether a publication takes tables in that are created later} */
  public static boolean grows(Connection connection, String name) throws SQLException {
    return publication(connection, name).map(Publication::grows).orElse(false);
  }

  /** {@return the tables of a publication, by name; none if there is no such publication} */
  public static List<PublishedTable> tables(Connection connection, String publication)
      throws SQLException {
    return Sql.list(
        connection,
        list(connection) + tables(connection) + " ORDER BY t.nspname, t.relname",
        row -> table(publication, row),
        publication);
  }

  /** {@return a table as a publication publishes it at the moment, if it does} */
  public static Optional<PublishedTable> table(
      Connection connection, String publication, TableId id) throws SQLException {
    return tables(connection, publication, List.of(id)).stream().findFirst();
  }

  /** {@return those of some tables that a publication publishes at the moment, as it does} */
  public static List<PublishedTable> tables(
      Connection connection, String publication, Collection<TableId> ids) throws SQLException {
    Array oids = PartitionTree.oids(connection, ids);
    return Sql.list(
        connection,
        listOfSome(connection) + tables(connection) + " WHERE listed.oid = ANY (?::oid[])",
        row -> table(publication, row),
        publication,
        oids,
        oids);
  }

  /**
   * {@return a publication's condition on a table's rows as SQL; empty if there is none} Waits for
   * the table's lock.
   */
  public static String rowFilter(Connection connection, String publication, TableId id)
      throws SQLException {
    return Sql.first(
            connection,
            listOfSome(connection) + ROW_FILTER,
            row -> row.getString(1),
            publication,
            PartitionTree.oids(connection, List.of(id)),
            id.oid())
        .orElse("");
  }

  /** {@return tables under whose names nothing is ever sent} */
  public static List<UnsentTable> unsent(Connection connection, String publication)
      throws SQLException {
    return Sql.list(
        connection,
        list(connection) + UNSENT,
        row ->
            new UnsentTable(new TableName(row.getString(1), row.getString(2)), row.getBoolean(3)),
        publication);
  }

  /** {@return leaves of partitioned tables whose changes are never sent} */
  public static List<UnsentTable> unsentPartitions(Connection connection, Collection<TableId> roots)
      throws SQLException {
    return PartitionTree.leaves(connection, roots).stream()
        .map(PartitionTree.Leaf::unsent)
        .filter(Objects::nonNull)
        .toList();
  }

  /** {@return what is wrong with the identities of partitions, by their root} */
  public static Map<TableId, String> identityProblems(
      Connection connection, Collection<TableId> roots) throws SQLException {
    return PartitionIdentity.problems(connection, roots);
  }

  private static int major(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseMajorVersion();
  }

  private static String tables(Connection connection) throws SQLException {
    return TABLES.formatted(major(connection) < 15 ? SCOPE_14 : SCOPE_15, COLUMNS, IS_STORE);
  }

  /** {@return the beginning of a query; its argument is the publication} */
  static String list(Connection connection) throws SQLException {
    return LIST.formatted(listed(connection).formatted("", ""));
  }

  /** {@return the beginning of a query; its arguments are the publication and the tables} */
  private static String listOfSome(Connection connection) throws SQLException {
    return LIST.formatted(
        FAMILY
            + listed(connection)
                .formatted(
                    "AND c.oid = ANY (ARRAY(TABLE family))",
                    "AND r.prrelid = ANY (ARRAY(TABLE family))"));
  }

  private static String listed(Connection connection) throws SQLException {
    int major = major(connection);
    String listed = major >= 16 && major <= LAST_KNOWN_MAJOR ? LISTED_16 : LISTED_BY_SERVER;
    return major < 15 ? LISTED_14 : listed;
  }

  private static PublishedTable table(String publication, ResultSet row) throws SQLException {
    return new PublishedTable(
        publication,
        new TableId(row.getLong(1)),
        new TableName(row.getString(2), row.getString(3)),
        row.getString(4).equals("p"),
        columns(row.getArray(7), row.getString(8)),
        row.getString(6),
        ReplicaIdentity.ofCode(row.getString(5).charAt(0)),
        new RowScope(
            row.getLong(9),
            row.getString(10),
            row.getString(11),
            row.getString(12),
            row.getString(13),
            Map.of(),
            row.getString(14)));
  }

  private static PublishedTable.Columns columns(Array names, String shape) throws SQLException {
    return new PublishedTable.Columns(List.of((String[]) names.getArray()), shape);
  }

  public static EtlException missing(String publication) {
    return new EtlException(
            ErrorKind.PUBLICATION_MISSING, "publication \"" + publication + "\" does not exist")
        .withFix(
            "Create it: CREATE PUBLICATION " + TableName.quote(publication) + " FOR TABLE ...");
  }
}
