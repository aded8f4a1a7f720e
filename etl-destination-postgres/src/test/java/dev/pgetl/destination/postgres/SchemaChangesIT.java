package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.postgres.PostgresExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tables of the source that change while they are replicated. */
@ExtendWith(PostgresExtension.class)
class SchemaChangesIT {
  private static final String USERS =
      """
      create table users (id int primary key, name varchar(20), age int);
      insert into users values (1, 'Ada', 36), (2, 'Bob', 40);
      create publication pub for all tables;
      """;

  @Test
  void columnsAreAddedWithConstantDefaults() throws InterruptedException {
    try (Replica replica = new Replica(USERS).start()) {
      replica.awaitReady();
      replica.source.execute(
          """
          alter table users add column points int not null default 7, add column note text;
          insert into users values (3, 'Cy', 1, 8, 'new');
          """);
      replica.awaitApplied().assertEqual("users");
    }
  }

  @Test
  void constantDefaultsOfAnyTypeAreAdded() throws InterruptedException {
    try (Replica replica = new Replica(USERS + "create type mood as enum ('a', 'b');").start()) {
      replica.awaitReady();
      replica.source.execute(
          """
          alter table users add tags text[] not null default '{}', add m mood default 'b',
            add price numeric(10,2) default 1.50, add share numeric default .5,
            add span int4range default '[1,5)', add pad char(4) default 'x';
          insert into users (id) values (3);
          """);
      replica.awaitApplied().assertEqual("users");
    }
  }

  /** The first event after each change lets the destination see it. */
  @Test
  void aColumnThatComesBackStopsTheTable() throws InterruptedException {
    try (Replica replica = new Replica(USERS).start()) {
      replica.awaitReady();
      replica.source.execute("alter table users drop age; insert into users values (3, 'Cy')");
      replica.awaitApplied();
      replica.source.execute(
          "alter table users add age int default 7; insert into users values (4, 'Di')");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> replica.pipeline().status().toString().contains("drop column"));
      carryOut(replica);
      replica.awaitReady().assertEqual("users");
    }
  }

  @Test
  void aTableThatIsMissingStopsAndIsCopiedAgain() throws InterruptedException {
    try (Replica replica = new Replica(USERS).start()) {
      replica.awaitReady().stop();
      replica.target.execute("drop table users");
      replica.start();
      replica.source.execute("insert into users values (3, 'Cy', 1)");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> replica.pipeline().status().toString().contains("is missing"));
      replica.pipeline().resync(replica.table("users"));
      replica.awaitReady().assertEqual("users");
    }
  }

  /** Each change is read before the next one, so that the catalogue proves it. */
  @Test
  void changesAreAppliedIfTheyMayBe() throws InterruptedException {
    List<String> steps =
        List.of(
            "alter table users rename column name to title; insert into users values (3, 'Cy', 1)",
            "alter table users alter column title type text, alter column age type bigint;"
                + " insert into users values (4, repeat('long', 20), 10000000000)",
            "alter table users drop column age; update users set title = 'last' where id = 4",
            "alter table users rename to people; insert into people values (5, 'Eve')",
            "create schema shop; alter table people set schema shop;"
                + " insert into shop.people values (6, 'Flo')");
    try (Replica replica =
        new Replica(USERS).options(o -> o.schemaChanges(SchemaChanges.APPLY)).start()) {
      replica.awaitReady();
      for (String step : steps) {
        replica.source.execute(step);
        Replica unused = replica.awaitApplied();
      }
      replica.assertEqual("shop.people");
      assertThat(replica.target.columnNames("select * from shop.people"))
          .containsExactly("id", "title");
    }
  }

  /** The second table is seen only after the first one needs its name. */
  @Test
  void tablesExchangeTheirNames() throws InterruptedException {
    String others =
        "create table others (id int primary key, size float); insert into others values (7, 0.5);";
    try (Replica replica =
        new Replica(USERS + others).options(o -> o.schemaChanges(SchemaChanges.APPLY)).start()) {
      replica.awaitReady();
      replica.source.execute(
          "alter table users rename to between; alter table others rename to users;"
              + " alter table between rename to others; insert into users values (8, 1.5)");
      replica.awaitApplied().assertEqual("users");
      replica.source.execute(
          "insert into others values (3, 'Cy', 1); insert into users values (9, 2.5)");
      replica.awaitApplied().assertEqual("users");
      replica.assertEqual("others");
    }
  }

  @Test
  void aRenamedColumnStopsTheTableAndTheFixWorks() throws InterruptedException {
    try (Replica replica =
        new Replica(USERS + "create table other (id int primary key);").start()) {
      replica.awaitReady();
      replica.source.execute(
          "alter table users rename column name to title; insert into users values (3, 'Cy', 1)");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> replica.pipeline().status().toString().contains("rename column"));
      replica.source.execute("insert into other values (1)");
      await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> replica.assertEqual("other"));
      assertThat(replica.target.columnNames("select * from users")).contains("name");
      carryOut(replica);
      replica.awaitReady().assertEqual("users");
    }
  }

  @Test
  void tablesAreNamedByRuleAndPlacedInOtherSchemas() throws InterruptedException {
    try (Replica replica =
        new Replica(USERS)
            .options(o -> o.tableNames(name -> new TableName("Odd \"name", name.name() + " copy")))
            .start()) {
      replica.awaitReady();
      assertThat(
              replica.target.query("select name from \"Odd \"\"name\".\"users copy\" order by 1"))
          .isEqualTo(List.of(List.of("Ada"), List.of("Bob")));
    }
  }

  @Test
  void generatedColumnsAndIdentitiesOfTheDestinationStay() throws InterruptedException {
    try (Replica replica = new Replica(USERS)) {
      replica.target.execute(
          """
          create table users (id int generated always as identity primary key, name text,
            age int, twice int generated always as (age * 2) stored);
          """);
      replica.start().awaitReady();
      replica.source.execute(
          """
          insert into users values (3, 'Cy', 1);
          update users set age = 41 where id = 2;
          insert into users select i, 'many', i from generate_series(10, 60) i;
          update users set age = age + 1 where id >= 10;
          """);
      replica.awaitApplied();
      String rows = "select id, name, age from users order by 1";
      assertThat(replica.target.query(rows)).isEqualTo(replica.source.query(rows));
      assertThat(replica.target.value("select twice from users where id = 2")).isEqualTo("82");
    }
  }

  @Test
  void rowsThatThePipelineHasNotWrittenAreKept() throws InterruptedException {
    try (Replica replica = new Replica(USERS)) {
      replica.target.execute(
          "create table users (id int primary key, name text, age int); insert into users values (9)");
      replica.start();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> replica.pipeline().status().toString().contains("has rows that this pipeline"));
      assertThat(replica.target.value("select count(*) from users")).isEqualTo("1");
    }
  }

  /** What the failure of the table says: the statements, then a resync. */
  private static void carryOut(Replica replica) throws InterruptedException {
    TableStatus failed =
        replica.pipeline().status().tables().values().stream()
            .filter(table -> table.name().name().equals("users"))
            .findFirst()
            .orElseThrow();
    String text = failed.toString();
    int begin = text.indexOf("Run on the destination: ") + "Run on the destination: ".length();
    replica.target.execute(text.substring(begin, text.indexOf("; then resync", begin)));
    replica.pipeline().resync(failed.id());
  }
}
