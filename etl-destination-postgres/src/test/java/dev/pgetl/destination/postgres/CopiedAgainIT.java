package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.postgres.PostgresExtension;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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
          "create index users_by_name on users (name); grant select on users to pg_monitor");
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
      assertThat(replica.target.query("select from pg_class where relname like 'pgetl_next%'"))
          .isEmpty();
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

  private static void resync(Replica replica) throws InterruptedException {
    replica.pipeline().resync(replica.table("users"));
    replica.awaitReady().source.execute("update users set name = 'last' where id = 7");
    replica.awaitApplied().assertEqual("users");
  }
}
