package dev.pgetl.destination.postgres.verify;

import dev.pgetl.destination.postgres.sql.ReadingSession;
import dev.pgetl.internal.verify.sql.HashQueries;
import dev.pgetl.internal.verify.sql.HashSql;
import dev.pgetl.internal.verify.sql.HashedColumn;
import dev.pgetl.schema.TableName;
import dev.pgetl.verify.GroupHash;
import dev.pgetl.verify.KeyHash;
import dev.pgetl.verify.RowPart;
import dev.pgetl.verify.VerifiedShape;
import dev.pgetl.verify.VerifiedTable;
import java.util.List;

/** A table of the destination, hashed by its server. */
final class HashedTable implements VerifiedTable {
  /** An index that has the order of ranges: that of the type, and of bytes for text. */
  private static final String INDEX =
      """
      select 1 from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      join pg_catalog.pg_class x on x.oid = i.indexrelid
      join pg_catalog.pg_am m on m.oid = x.relam
      join pg_catalog.pg_database d on d.datname = current_database()
      where i.indrelid = ?::regclass and a.attname = ?::text
        and (a.atttypid = ?::oid or a.atttypid in (25, 1043) and ?::oid in (25, 1043)) and i.indisvalid and i.indpred is null
        and m.amname = 'btree' and (a.attcollation = 0
          or pg_catalog.current_setting('server_encoding') = 'UTF8'
          and (a.attcollation in ('pg_catalog."C"'::regcollation, 'pg_catalog."POSIX"'::regcollation)
            or a.attcollation = 'pg_catalog."default"'::regcollation and d.datcollate in ('C', 'POSIX')
              and coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') = 'c'))
      limit 1
      """;

  private final ReadingSession session;
  private final VerifiedShape shape;
  private final TargetPlace place;
  private final TableName name;
  private final HashSql sql;

  HashedTable(
      ReadingSession session,
      VerifiedShape shape,
      TargetPlace place,
      TableName name,
      List<HashedColumn> columns) {
    this.session = session;
    this.shape = shape;
    this.place = place;
    this.name = name;
    List<HashedColumn> key =
        shape.key().stream().map(each -> columns.get(shape.version().indexOf(each))).toList();
    List<String> conditions =
        shape.condition().isEmpty() ? List.of() : List.of("(" + shape.condition() + "\n)");
    this.sql = new HashSql(name.quoted(), columns, key, conditions);
  }

  @Override
  public List<String> types() {
    return sql.columns().stream().map(HashedColumn::fullType).toList();
  }

  @Override
  public boolean readsRanges(String column) {
    long type = shape.version().column(shape.version().indexOf(column)).type().baseType().oid();
    return session.ask(
        "look for an index of " + name,
        (asked, connection) ->
            asked.one(row -> true, INDEX, name.quoted(), column, type, type).isPresent());
  }

  @Override
  public String generation() {
    return session.ask(
        "look up the state of " + name, (asked, connection) -> place.generation(asked));
  }

  @Override
  public List<GroupHash> hash(RowPart part) {
    return session.ask(
        "hash table " + name,
        (asked, connection) -> HashQueries.groups(connection, sql.groups(part)));
  }

  @Override
  public List<KeyHash> keys(RowPart part) {
    return session.ask(
        "list table " + name, (asked, connection) -> HashQueries.keys(connection, sql.keys(part)));
  }

  @Override
  public List<KeyHash> keys(List<List<String>> some) {
    return session.ask(
        "list keys of table " + name,
        (asked, connection) -> HashQueries.keys(connection, sql.keys(some)));
  }

  @Override
  public void close() {
    session.close();
  }
}
