package dev.pgetl.destination.postgres.copy;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.schema.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether another table can take the place of a table without anything being lost. */
final class Replaceable {
  /** What a new table of the same definition would lack. */
  private static final String OBSTACLES =
      """
      select case
        when c.relkind <> 'r' or c.relispartition
          or exists (select from pg_catalog.pg_inherits where inhrelid = c.oid or inhparent = c.oid)
          then 'it is partitioned, or has parents or children'
        when pg_catalog.pg_get_userbyid(c.relowner) <> current_user
          then 'another role owns it'
        when exists (select from pg_catalog.pg_depend d where d.refobjid = c.oid
            and d.refclassid = 'pg_catalog.pg_class'::regclass
            and d.classid = 'pg_catalog.pg_rewrite'::regclass)
          then 'views or rules depend on it'
        when exists (select from pg_catalog.pg_constraint f
            where f.contype = 'f' and c.oid in (f.conrelid, f.confrelid))
          then 'it has foreign keys, or they refer to it'
        when exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal)
          then 'it has triggers'
        when c.relrowsecurity or exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid)
          then 'it has policies'
        when exists (select from pg_catalog.pg_publication_tables p
            where p.schemaname = n.nspname and p.tablename = c.relname)
          then 'it is published'
        when exists (select from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and a.attacl is not null)
          then 'privileges are granted on its columns'
        when exists (select from pg_catalog.pg_depend d
            join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
            where d.refobjid = c.oid and d.classid = 'pg_catalog.pg_class'::regclass
            and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype = 'a')
          then 'it owns a sequence'
        when exists (select from pg_catalog.pg_depend d
            left join pg_catalog.pg_constraint k
              on d.classid = 'pg_catalog.pg_constraint'::regclass and k.oid = d.objid
            left join pg_catalog.pg_attrdef f
              on d.classid = 'pg_catalog.pg_attrdef'::regclass and f.oid = d.objid
            left join pg_catalog.pg_type t on t.oid = c.reltype
            where d.deptype = 'n' and coalesce(k.conrelid, f.adrelid, 0) <> c.oid
            and (d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid
              or d.refclassid = 'pg_catalog.pg_type'::regclass
                and d.refobjid in (t.oid, t.typarray)))
          then 'functions, columns or other objects depend on it'
        when c.relreplident <> 'd' or c.reloptions is not null or c.relpersistence <> 'p'
          or c.reltablespace <> 0
          then 'it has a replica identity, storage parameters or a tablespace of its own'
        else '' end
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ?::text and c.relname = ?::text
      """;

  private static final String REVOCATIONS =
      """
      select distinct pg_catalog.format('revoke all on %s from %s', ?::text,
        case when g.grantee = 0 then 'public'
          else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) end)
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace,
        pg_catalog.aclexplode(c.relacl) g
      where n.nspname = ?::text and c.relname = ?::text and g.grantee <> c.relowner
      """;

  private static final String GRANTS =
      """
      select pg_catalog.format('grant %s on %s to %s%s', g.privilege_type, ?::text,
        case when g.grantee = 0 then 'public'
          else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) end,
        case when g.is_grantable then ' with grant option' else '' end)
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace,
        pg_catalog.aclexplode(c.relacl) g
      where n.nspname = ?::text and c.relname = ?::text and g.grantee <> c.relowner
      """;

  /** In the order in which they were created; a copy of the definition has the same. */
  private static final String INDEXES =
      """
      select i.relname, concat_ws(' ', x.indkey, x.indclass, x.indisunique, x.indisprimary)
      from pg_catalog.pg_index x
      join pg_catalog.pg_class i on i.oid = x.indexrelid
      join pg_catalog.pg_class c on c.oid = x.indrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ?::text and c.relname = ?::text
      order by x.indexrelid
      """;

  /**
   * An index.
   *
   * @param name its name
   * @param definition what it indexes
   */
  record Index(String name, String definition) {}

  private Replaceable() {}

  /** {@return the indexes of a table} */
  static List<Index> indexes(Session session, TableName table) throws SQLException {
    return session.all(
        row -> new Index(row.getString(1), row.getString(2)),
        INDEXES,
        table.schema(),
        table.name());
  }

  /** {@return why no other table can take the place; empty if one can} */
  static Optional<String> obstacle(Session session, TableName table) throws SQLException {
    String found =
        session
            .one(row -> row.getString(1), OBSTACLES, table.schema(), table.name())
            .orElse("it is not there");
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  /** {@return statements that give a new table the privileges on another, and no others} */
  static List<String> grants(Session session, TableName from, TableName to) throws SQLException {
    List<String> statements = new ArrayList<>();
    statements.addAll(acl(session, REVOCATIONS, to, to)); // default privileges
    statements.addAll(acl(session, GRANTS, from, to));
    return statements;
  }

  private static List<String> acl(Session session, String query, TableName from, TableName to)
      throws SQLException {
    return session.all(row -> row.getString(1), query, to.quoted(), from.schema(), from.name());
  }
}
