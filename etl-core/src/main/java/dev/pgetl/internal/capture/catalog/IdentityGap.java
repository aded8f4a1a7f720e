package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * A published table whose updates and deletes the server refuses, for the application as well.
 *
 * @param table its qualified name
 * @param reason why
 * @param leaf whose identity it is: the table, or one of its partitions
 */
public record IdentityGap(TableName table, Reason reason, TableName leaf) {
  /** Why the server refuses updates and deletes. */
  public enum Reason {
    /** No column distinguishes one row from another. */
    NO_IDENTITY,
    /** A column of the identity is not published. */
    NOT_PUBLISHED,
    /** The row filter reads a column outside of the identity. */
    FILTERED
  }

  /**
   * The server checks each leaf partition by its own identity, and columns by name. A row filter
   * names the columns it reads by number. From Postgres 18 on a generated column must be published
   * as well.
   */
  private static final String GAPS =
      """
      SELECT t.* FROM pub CROSS JOIN listed CROSS JOIN LATERAL (
      SELECT n.nspname, c.relname, leaf.gap, leaf.nspname AS leaf_schema, leaf.relname AS leaf_name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL %1$s
      CROSS JOIN LATERAL (SELECT l.* FROM %2$s AS t CROSS JOIN LATERAL (
          SELECT s.nspname, l.relname, CASE
            WHEN l.relreplident <> 'f' AND i.indexrelid IS NULL THEN 'NO_IDENTITY'
            WHEN l.relreplident = 'f' AND listed.attrs IS NOT NULL
              OR (listed.attrs IS NOT NULL OR to_jsonb(pub) ->> 'pubgencols' IS NOT NULL)
                AND EXISTS (SELECT FROM pg_attribute a
                  WHERE a.attrelid = l.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND (l.relreplident = 'f' AND a.attgenerated <> '' OR a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))
                    AND a.attname <> ALL (published.columns)) THEN 'NOT_PUBLISHED'
            WHEN l.relreplident <> 'f'
              AND EXISTS (SELECT FROM regexp_matches(listed.qual::text, ':varattno ([0-9]+)', 'g') AS read(number)
                WHERE NOT EXISTS (SELECT FROM pg_attribute f JOIN pg_attribute a ON a.attname = f.attname
                  WHERE f.attrelid = c.oid AND f.attnum = read.number[1]::int
                    AND a.attrelid = l.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))) THEN 'FILTERED'
            END AS gap
          FROM pg_class l JOIN pg_namespace s ON s.oid = l.relnamespace LEFT JOIN pg_index i ON i.indrelid = l.oid AND i.indisvalid AND i.indimmediate
            AND (l.relreplident = 'd' AND i.indisprimary OR l.relreplident = 'i' AND i.indisreplident)
          WHERE l.oid = t.oid AND l.relkind = 'r' AND l.relpersistence = 'p' OFFSET 0) l
        WHERE l.gap IS NOT NULL LIMIT 1) leaf
      WHERE c.oid = listed.oid AND NOT %3$s OFFSET 0) t"""
          .formatted(
              PublicationCatalog.COLUMNS, PartitionTree.of("c.oid"), PublicationCatalog.IS_STORE);

  /** {@return the tables of a publication that have a gap} */
  public static List<IdentityGap> of(Connection connection, String publication)
      throws SQLException {
    return Sql.list(
        connection,
        PublicationCatalog.list(connection) + GAPS,
        row ->
            new IdentityGap(
                new TableName(row.getString(1), row.getString(2)),
                Reason.valueOf(row.getString(3)),
                new TableName(row.getString(4), row.getString(5))),
        publication);
  }

  /** {@return what is wrong, as the beginning of a sentence behind the table's name} */
  public String problem() {
    return switch (reason) {
          case NO_IDENTITY -> "has no usable replica identity";
          case NOT_PUBLISHED -> "does not publish all columns of its replica identity";
          case FILTERED -> "has a row filter with columns outside of its replica identity";
        }
        + ": the server refuses updates and deletes of it while it is published so";
  }

  /** {@return what to do, as the end of a sentence} */
  String fix() {
    return switch (reason) {
      case NO_IDENTITY -> "give it a primary key, or " + full();
      case NOT_PUBLISHED ->
          "add them to the column list, and with REPLICA IDENTITY FULL publish the table without a list";
      case FILTERED -> "change the filter, or " + full();
    };
  }

  /** Partitions do not follow their table in it. */
  private String full() {
    String sql = "ALTER TABLE " + leaf.quoted() + " REPLICA IDENTITY FULL";
    return leaf.equals(table) ? sql : sql + " and so for its other partitions";
  }
}
