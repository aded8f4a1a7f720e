package dev.pgetl.destination.postgres.table;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.sql.TextArray;
import dev.pgetl.schema.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What the catalogue of the destination says of tables. */
public final class TargetCatalog {
  private static final String TABLE =
      """
      select 1 from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ?::text and c.relname = ?::text and c.relkind in ('r', 'p')
      """;

  private static final String COLUMNS =
      """
      select a.attname,
        pg_catalog.format_type(a.atttypid, -1),
        pg_catalog.format_type(a.atttypid, a.atttypmod),
        a.attgenerated <> '',
        a.attidentity = 'a',
        a.attnotnull and not a.atthasdef and a.attidentity = '',
        exists (select 1 from pg_catalog.pg_opclass o
          join pg_catalog.pg_am m on m.oid = o.opcmethod
          where m.amname = 'btree' and o.opcdefault and o.opcintype =
            case when a.atttypid = 1043 then 25::oid
              when t.typtype = 'd' then t.typbasetype else t.oid end),
        not a.attnotnull
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type t on t.oid = a.atttypid
      where n.nspname = ?::text and c.relname = ?::text and c.relkind in ('r', 'p')
      order by a.attnum
      """;

  /** A table, or the partitions that have its rows. */
  private static final String UNLOGGED =
      """
      select pg_catalog.format('ALTER TABLE %I.%I SET LOGGED', n.nspname, c.relname)
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relpersistence = 'u' and c.relkind = 'r' and (c.oid = ?::text::regclass
        or c.oid in (select relid from pg_catalog.pg_partition_tree(?::text::regclass)))
      order by c.oid
      """;

  /** A column of a primary key cannot become nullable. */
  private static final String DROP_KEY =
      """
      select pg_catalog.format('alter table %I.%I drop constraint %I', n.nspname, c.relname, k.conname)
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
      where n.nspname = ?::text and c.relname = ?::text and exists (
        select 1 from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum = any (k.conkey) and a.attname = any (?::text[]))
      """;

  private TargetCatalog() {}

  /** {@return the columns of a table; empty if there is no such table} */
  public static Optional<List<TargetColumn>> columns(Session session, TableName table)
      throws SQLException {
    if (!exists(session, table)) {
      return Optional.empty();
    }
    return Optional.of(session.all(TargetCatalog::column, COLUMNS, table.schema(), table.name()));
  }

  /** {@return whether there is a table of that name} */
  public static boolean exists(Session session, TableName table) throws SQLException {
    return session.one(row -> true, TABLE, table.schema(), table.name()).isPresent();
  }

  /** {@return the statement that drops the primary key, if some of the columns are in it} */
  static List<String> dropKey(Session session, TableName table, List<String> columns)
      throws SQLException {
    return session.all(
        row -> row.getString(1), DROP_KEY, table.schema(), table.name(), TextArray.of(columns));
  }

  /** {@return the statements after which the rows of a table survive a crash of the server} */
  static List<String> unlogged(Session session, TableName table) throws SQLException {
    return session.all(row -> row.getString(1), UNLOGGED, table.quoted(), table.quoted());
  }

  static boolean hasSchema(Session session, String schema) throws SQLException {
    return session
        .one(row -> true, "select 1 from pg_catalog.pg_namespace where nspname = ?::text", schema)
        .isPresent();
  }

  private static TargetColumn column(ResultSet row) throws SQLException {
    return new TargetColumn(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getBoolean(4),
        row.getBoolean(5),
        row.getBoolean(6),
        row.getBoolean(7),
        row.getBoolean(8));
  }
}
