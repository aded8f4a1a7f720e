package dev.pgetl.destination.postgres.state;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PipelineStore;
import java.sql.SQLException;

/** The tables in which a destination remembers what it has received. */
final class StateSchema {
  private static final String DDL =
      """
      create schema if not exists %1$s;
      create table if not exists %1$s.pipeline (
        name text primary key,
        epoch bigint not null,
        owner_epoch bigint not null default 0
      );
      create table if not exists %1$s.target (
        pipeline text not null references %1$s.pipeline on delete cascade,
        source_oid bigint not null,
        source_name text not null,
        schema_name text not null,
        table_name text not null,
        epoch bigint not null,
        last_commit pg_lsn not null default '0/0',
        last_ordinal bigint not null default 0,
        column_names text[] not null default '{}',
        column_numbers int[] not null default '{}',
        column_types text[] not null default '{}',
        copied bigint not null default 0,
        aside_table text,
        aside_version pg_lsn,
        replaced_version pg_lsn,
        primary key (pipeline, source_oid),
        unique (schema_name, table_name)
      ) with (fillfactor = 50);
      comment on table %1$s.pipeline is '%2$s';
      comment on table %1$s.target is '%2$s';
      """;

  private StateSchema() {}

  static String ddl(String schema) {
    return DDL.formatted(TableName.quote(schema), PipelineStore.TABLE_COMMENT);
  }

  /** Creates what is missing. Two pipelines may start at once. */
  static void create(Session session, String schema) throws SQLException {
    session.run(
        "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('pgetl destination'))");
    String table = new TableName(schema, "target").quoted();
    boolean there =
        session
            .one(
                row -> true, "select true where pg_catalog.to_regclass(?::text) is not null", table)
            .isPresent();
    if (!there) {
      for (String statement : ddl(schema).split(";\n")) {
        if (!statement.isBlank()) {
          int unused = session.run(statement);
        }
      }
    }
  }
}
