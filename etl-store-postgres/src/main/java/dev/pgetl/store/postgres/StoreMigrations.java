package dev.pgetl.store.postgres;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PipelineStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of the store's tables. A released version never changes; a new one follows it.
 * Immutable.
 */
final class StoreMigrations {
  private static final Logger LOG = LoggerFactory.getLogger(StoreMigrations.class);

  /**
   * Held while tables are created, so that pipelines that start together do not create them twice.
   */
  private static final long MIGRATION_LOCK = 0x706765746c000001L;

  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /**
   * Every table has a primary key: a publication FOR ALL TABLES would otherwise make updates of the
   * store fail. Columns of type json keep the text as it is, in whatever encoding the database has.
   */
  private static final List<String> VERSIONS =
      List.of(
          """
          create table @.migration (
            version int primary key,
            applied_at timestamptz not null default now());
          create table @.pipeline (
            id int generated always as identity primary key,
            name text not null unique,
            epoch bigint not null default 0,
            created_at timestamptz not null default now());
          create table @.table_phase (
            pipeline_id int not null references @.pipeline on delete cascade,
            table_oid bigint not null,
            step bigint generated always as identity,
            change json not null,
            stored_at timestamptz not null default now(),
            primary key (pipeline_id, table_oid, step));
          create table @.table_schema (
            pipeline_id int not null references @.pipeline on delete cascade,
            table_oid bigint not null,
            snapshot_lsn pg_lsn not null,
            change json not null,
            stored_at timestamptz not null default now(),
            primary key (pipeline_id, table_oid, snapshot_lsn));
          create table @.table_mapping (
            pipeline_id int not null references @.pipeline on delete cascade,
            table_oid bigint not null,
            change json not null,
            stored_at timestamptz not null default now(),
            primary key (pipeline_id, table_oid));
          create table @.slot_progress (
            pipeline_id int not null references @.pipeline on delete cascade,
            slot_name text not null,
            system_identifier text not null,
            timeline int not null,
            slot_created_at pg_lsn not null,
            flushed_lsn pg_lsn not null,
            stored_at timestamptz not null default now(),
            primary key (pipeline_id, slot_name)) with (fillfactor = 50);
          comment on table @.migration is '%1$s';
          comment on table @.pipeline is '%1$s';
          comment on table @.table_phase is '%1$s';
          comment on table @.table_schema is '%1$s';
          comment on table @.table_mapping is '%1$s';
          comment on table @.slot_progress is '%1$s';
          insert into @.migration (version) values (1);
          """
              .formatted(PipelineStore.TABLE_COMMENT),
          """
          create table @.table_copy (
            pipeline_id int not null references @.pipeline on delete cascade,
            table_oid bigint not null,
            change json not null,
            stored_at timestamptz not null default now(),
            primary key (pipeline_id, table_oid)) with (fillfactor = 50);
          comment on table @.table_copy is '%1$s';
          insert into @.migration (version) values (2);
          """
              .formatted(PipelineStore.TABLE_COMMENT),
          """
          alter table @.pipeline
            add column owner text not null default '',
            add column lease_until timestamptz not null default to_timestamp(0);
          insert into @.migration (version) values (3);
          """,
          """
          create table @.quarantine (
            pipeline_id int not null references @.pipeline on delete cascade,
            table_oid bigint not null,
            commit_lsn pg_lsn not null,
            ordinal bigint not null,
            refused boolean not null,
            replay_lsn pg_lsn,
            replay_ordinal bigint,
            event bytea not null,
            stored_at timestamptz not null default now(),
            primary key (pipeline_id, table_oid, commit_lsn, ordinal));
          create table @.quarantine_key (
            pipeline_id int not null references @.pipeline on delete cascade,
            table_oid bigint not null,
            replay_lsn pg_lsn not null,
            replay_ordinal bigint not null,
            primary key (pipeline_id, table_oid));
          create table @.quarantine_epoch (
            pipeline_id int primary key references @.pipeline on delete cascade,
            epoch bigint not null);
          comment on table @.quarantine is '%1$s';
          comment on table @.quarantine_key is '%1$s';
          comment on table @.quarantine_epoch is '%1$s';
          insert into @.migration (version) values (4);
          """
              .formatted(PipelineStore.TABLE_COMMENT));

  private final String schema;
  private final List<String> versions;

  StoreMigrations(String schema) {
    this(schema, VERSIONS);
  }

  StoreMigrations(String schema, List<String> versions) {
    this.schema = schema;
    this.versions = versions;
  }

  /** The SQL that upgrades the tables from a version to the newest one; 0 is none. */
  String ddl(int from) {
    if (from < 0 || from > versions.size()) {
      throw new IllegalArgumentException(
          "versions go from 0 to " + versions.size() + ", not " + from);
    }
    StringBuilder ddl = new StringBuilder("begin;\n");
    if (from == 0) {
      ddl.append("create schema if not exists ").append(quoted()).append(";\n");
    }
    missing(from).forEach(ddl::append);
    return ddl.append("commit;\n").toString();
  }

  private List<String> missing(int from) {
    return versions.subList(from, versions.size()).stream()
        .map(version -> version.replace("@", quoted()))
        .toList();
  }

  private String quoted() {
    return TableName.quote(schema);
  }

  /** Checks the tables' version, and upgrades them if that is allowed. */
  void apply(Connection connection, boolean allowed) throws SQLException {
    int version = version(connection);
    if (version > versions.size()) {
      throw new EtlException(ErrorKind.STORE_CORRUPT, mismatch(version))
          .withFix("Use the version of the library that wrote them, or a later one.");
    }
    if (version < versions.size() && !allowed) {
      throw notUpgraded(version, null);
    }
    if (version < versions.size()) {
      upgrade(connection, version);
    }
  }

  private void upgrade(Connection connection, int version) throws SQLException {
    try {
      migrate(connection);
    } catch (SQLException e) {
      if (version > 0 && INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw notUpgraded(version, e);
      }
      throw e;
    }
  }

  private EtlException notUpgraded(int version, @Nullable SQLException cause) {
    return new EtlException(ErrorKind.STORE_UNAVAILABLE, mismatch(version), cause)
        .withFix(
            "Run the SQL that PostgresLayer.ddl(\"%s\", %s) returns, as the owner of the tables, and grant the role SELECT, INSERT, UPDATE, DELETE on them."
                .formatted(schema, version))
        .withRetry(RetryDirective.MANUAL);
  }

  private String mismatch(int version) {
    return "open the store in schema %s, whose tables have version %s, with a library for version %s"
        .formatted(schema, version, versions.size());
  }

  /**
   * Asks the catalogue, not to_regclass(), which may miss what another session has just created.
   */
  private int version(Connection connection) throws SQLException {
    boolean exists =
        is(
            connection,
            """
            select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where n.nspname = ? and c.relname = 'migration')
            """);
    String query = "select coalesce(max(version), 0) from " + quoted() + ".migration";
    return exists ? Sql.one(connection, row -> row.getInt(1), query).orElse(0) : 0;
  }

  private boolean is(Connection connection, String question) throws SQLException {
    return Sql.one(connection, row -> row.getBoolean(1), question, schema).orElse(false);
  }

  private void migrate(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    Sql.one(connection, row -> 0, "select pg_advisory_xact_lock(?)", MIGRATION_LOCK);
    int from = version(connection);
    try (Statement statement = connection.createStatement()) {
      if (!is(connection, "select exists (select from pg_namespace where nspname = ?)")) {
        statement.execute("create schema " + quoted());
      }
      for (String version : missing(from)) {
        statement.execute(version);
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
    LOG.info(
        "store tables in schema {} brought from version {} to {}", schema, from, versions.size());
  }
}
