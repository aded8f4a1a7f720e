package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.memory.LayerContents;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How the tables come to be, who may use them, and how others recognise them. */
@ExtendWith(PostgresExtension.class)
class StoreTablesIT {
  private static final TableId TABLE = new TableId(16384);
  private static final String ODD_SCHEMA = "we\"ird Ü";

  private final TestDatabase database;
  private final String role;

  StoreTablesIT(TestDatabase database) {
    this.database = database;
    this.role = database.name() + "_role";
  }

  @AfterEach
  void dropRole() {
    database.execute(
        """
        do $$ begin
          if exists (select from pg_roles where rolname = '%1$s') then
            drop owned by %1$s; drop role %1$s;
          end if;
        end $$
        """
            .formatted(role));
  }

  private PgConnectionConfig limitedRole() {
    database.execute("create role %s login password 'hidden'".formatted(role));
    return database.connection().username(role).password("hidden").build();
  }

  private static void writeAndRead(PostgresLayer layer) {
    layer.write(new MappingStored(TABLE, "name"));
    assertThat(LayerContents.of(layer).mappings()).containsEntry(TABLE, "name");
  }

  /** A store that sees no phases would have every table copied again. */
  @Test
  void rowsThatRowLevelSecurityHidesAreAnError(TestDatabase database) {
    PgConnectionConfig least = database.connection().username("least").password("l").build();
    try (PostgresLayer layer =
        PostgresLayer.builder(database.connectionConfig(), "orders").build()) {
      layer.write(new PhaseStored(TABLE, new Ready()));
    }
    database.execute(
        """
        create role least login password 'l';
        grant usage on schema pgetl to least;
        grant select, insert, update, delete on all tables in schema pgetl to least;
        alter table pgetl.table_phase enable row level security;
        """);
    try (PostgresLayer layer = PostgresLayer.builder(least, "orders").build()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> layer.read(change -> {}))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE))
          .satisfies(e -> assertThat(e.fix()).contains("BYPASSRLS"));
    } finally {
      database.execute("drop owned by least; drop role least");
    }
  }

  @Test
  void areMadeAtFirstUseInAnySchema() {
    try (PostgresLayer layer =
        PostgresLayer.builder(database.connectionConfig(), "orders").schema(ODD_SCHEMA).build()) {
      writeAndRead(layer);
    }
    assertThat(database.query(PostgresLayer.TABLES_QUERY))
        .hasSize(10)
        .allMatch(row -> ODD_SCHEMA.equals(row.get(1)));
  }

  @Test
  void areMadeOnceByPipelinesThatStartTogether() throws Exception {
    int pipelines = 6;
    ExecutorService executor = Executors.newFixedThreadPool(pipelines);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < pipelines; i++) {
        String id = "pipeline_" + i;
        running.add(executor.submit(() -> useOnce(id)));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(database.value("select count(*) from pgetl.pipeline")).isEqualTo("6");
  }

  private void useOnce(String pipelineId) {
    try (PostgresLayer layer =
        PostgresLayer.builder(database.connectionConfig(), pipelineId).build()) {
      writeAndRead(layer);
    }
  }

  @Test
  void canBeMadeByAPersonForARoleThatMayNot() {
    PgConnectionConfig limited = limitedRole();
    try (PostgresLayer layer =
        PostgresLayer.builder(limited, "orders").schema(ODD_SCHEMA).migrate(false).build()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> writeAndRead(layer))
          .withMessageContaining("PostgresLayer.ddl")
          .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL));
      database.execute(PostgresLayer.ddl(ODD_SCHEMA));
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> writeAndRead(layer))
          .withMessageContaining("grant it USAGE")
          .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL));
      database.execute(
          """
          grant usage on schema "we""ird Ü" to %1$s;
          grant select, insert, update, delete on all tables in schema "we""ird Ü" to %1$s
          """
              .formatted(role));
      writeAndRead(layer);
    }
  }

  @Test
  void aRoleThatMayNotMakeThemIsToldWhatToDo() {
    try (PostgresLayer layer = PostgresLayer.builder(limitedRole(), "orders").build()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> writeAndRead(layer))
          .withMessageContaining("PostgresLayer.ddl")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE))
          .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL));
    }
  }

  @Test
  void ignoresWhatRoleAndDatabaseAreSetTo() throws SQLException {
    PgConnectionConfig limited = limitedRole();
    database.execute("grant create on database %s to %s".formatted(database.name(), role));
    for (String setting :
        List.of(
            "synchronous_commit = off",
            "default_transaction_read_only = on",
            "default_transaction_isolation = 'serializable'",
            "statement_timeout = '1ms'",
            "search_path = nowhere",
            "idle_session_timeout = '1ms'")) {
      database.execute("alter role " + role + " set " + setting);
    }
    try (PostgresLayer layer = PostgresLayer.builder(limited, "orders").build()) {
      writeAndRead(layer);
    }
    try (Connection connection =
        new StoreConnector(
                limited,
                "orders",
                "store",
                new StoreFailures("pgetl", "orders"),
                Duration.ofSeconds(5))
            .open("test")) {
      String settings =
          "select current_setting('synchronous_commit') || ', ' || current_setting('search_path')";
      assertThat(Sql.one(connection, row -> row.getString(1), settings))
          .contains("local, pg_catalog");
    }
  }

  @Test
  void ofALaterVersionAreRefused() {
    database.execute(PostgresLayer.ddl("pgetl"));
    database.execute("insert into pgetl.migration (version) values (1000)");
    try (PostgresLayer layer =
        PostgresLayer.builder(database.connectionConfig(), "orders").build()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> writeAndRead(layer))
          .withMessageContaining("version 1000")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_CORRUPT));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> PostgresLayer.ddl("pgetl", 1000));
  }

  @Test
  void unknownContentIsReportedAsCorrupt() {
    try (PostgresLayer layer =
        PostgresLayer.builder(database.connectionConfig(), "orders").build()) {
      writeAndRead(layer);
      database.execute("update pgetl.table_mapping set change = '{\"change\": \"other\"}'");
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> LayerContents.of(layer))
          .withMessageContaining("table_mapping")
          .withMessageContaining("copied again")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_CORRUPT));
    }
  }

  @Test
  void canBeWrittenUnderAPublicationForAllTables() {
    database.execute("create publication everything for all tables");
    try (PostgresLayer layer =
        PostgresLayer.builder(database.connectionConfig(), "orders").build()) {
      writeAndRead(layer);
      layer.write(new MappingStored(TABLE, "other"));
    }
    assertThat(
            database.query(
                "select tablename from pg_publication_tables where schemaname = 'pgetl'"
                    + " except select relname from ("
                    + PostgresLayer.TABLES_QUERY
                    + ") own"))
        .isEmpty();
  }

  @Test
  void aWrongLoginIsToldWithoutThePassword() {
    PgConnectionConfig wrong =
        database.connection().username("nobody_here").password("hidden").build();
    try (PostgresLayer layer = PostgresLayer.builder(wrong, "orders").build()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> writeAndRead(layer))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE))
          .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL))
          .satisfies(e -> assertThat(e.toString() + e.getCause()).doesNotContain("hidden"));
    }
  }
}
