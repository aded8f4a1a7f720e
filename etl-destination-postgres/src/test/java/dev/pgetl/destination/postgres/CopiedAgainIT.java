package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.postgres.PostgresExtension;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that are copied a second time. */
@ExtendWith(PostgresExtension.class)
class CopiedAgainIT {
  private static final String TABLES =
      """
      create table users (id int primary key, name text);
      create table log (text text);
      insert into users select i, 'user ' || i from generate_series(1, 500) i;
      insert into log select 'copied' from generate_series(1, 3);
      create publication pub for all tables;
      """;

  /** The keys of the second stream are behind those that the destination has stored. */
  @Test
  void aLostStoreCostsACopy() throws InterruptedException {
    try (Replica replica = new Replica(TABLES).start()) {
      replica
          .awaitReady()
          .source
          .execute("insert into log values ('streamed'); delete from users where id < 9");
      replica.awaitApplied().stop().loseStore();
      replica.source.execute("insert into log values ('meanwhile')");
      replica
          .start()
          .awaitReady()
          .source
          .execute("insert into log values ('after'); update users set name = 'new' where id = 9");
      replica.awaitApplied().assertEqual("users", "log");
    }
  }

  @Test
  void aReplacedTableKeepsIndexesAndPrivileges() throws InterruptedException {
    try (Replica replica = new Replica(TABLES).start()) {
      replica.awaitReady();
      replica.target.execute(
          "create index users_by_name on users (name); grant select on users to pg_monitor;"
              + " alter default privileges grant select on tables to pg_read_all_settings");
      String before = oid(replica);
      resync(replica);
      assertThat(oid(replica)).isNotEqualTo(before);
      assertThat(
              replica.target.query(
                  "select indexrelid::regclass::text from pg_index"
                      + " where indrelid = 'users'::regclass order by 1"))
          .isEqualTo(List.of(List.of("users_by_name"), List.of("users_pkey")));
      assertThat(
              replica.target.value("select has_table_privilege('pg_monitor', 'users', 'select')"))
          .isEqualTo("t");
      assertThat(
              replica.target.value(
                  "select has_table_privilege('pg_read_all_settings', 'users', 'select')"))
          .as("privileges of new tables")
          .isEqualTo("f");
      assertThat(replica.target.query("select from pg_class where relname like 'pgetl_next%'"))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create function f() returns setof users language sql as 'select * from users'",
        "create table archive (user_before users, others users[])",
        "alter table users set (fillfactor = 70)",
        "alter table users replica identity full",
        "create publication others for all tables"
      })
  void aTableThatCannotBeReplacedIsTruncated(String sql) throws InterruptedException {
    try (Replica replica = new Replica(TABLES).start()) {
      replica.awaitReady();
      replica.target.execute(sql);
      String before = oid(replica);
      resync(replica);
      assertThat(oid(replica)).isEqualTo(before);
    }
  }

  /** Its own checks and generated columns are part of its definition. */
  @Test
  void whatATableHasOfItsOwnIsNoObstacle() throws InterruptedException {
    try (Replica replica = new Replica(TABLES).start()) {
      replica.awaitReady();
      replica.target.execute(
          "alter table users add check (id > 0), add twice int generated always as (id * 2) stored,"
              + " add extra int default 3; create index on users (lower(name)) where id > 5");
      String before = oid(replica);
      copyAgain(replica);
      assertThat(oid(replica)).isNotEqualTo(before);
    }
  }

  @Test
  void aTableOnWhichAViewDependsIsTruncated() throws InterruptedException {
    try (Replica replica = new Replica(TABLES).start()) {
      replica.awaitReady();
      replica.target.execute("create view names as select name from users");
      String before = oid(replica);
      resync(replica);
      assertThat(oid(replica)).isEqualTo(before);
      assertThat(replica.target.value("select count(*) from names")).isEqualTo("500");
    }
  }

  private static String oid(Replica replica) {
    return replica.target.value("select 'users'::regclass::oid::text");
  }

  private static Replica copyAgain(Replica replica) throws InterruptedException {
    replica.pipeline().resync(replica.table("users"));
    return replica.awaitReady();
  }

  private static void resync(Replica replica) throws InterruptedException {
    copyAgain(replica).source.execute("update users set name = 'last' where id = 7");
    replica.awaitApplied().assertEqual("users");
  }
}
