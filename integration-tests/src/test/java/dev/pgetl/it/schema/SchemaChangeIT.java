package dev.pgetl.it.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.Insert;
import dev.pgetl.event.Event.Update;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Columns, names and types that change while a table streams. Nothing is installed in the source,
 * so a new version is known from the first row that has it; which column it is that changed is a
 * hint of the catalogue, right unless the stream is behind.
 */
class SchemaChangeIT {

  /** S32: each step has been delivered before the next one begins. */
  @Test
  void announcesEachVersionBeforeItsFirstRow() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      List<String> steps =
          List.of(
              "alter table users add column email text; insert into users(name, age, email) values ('a', 1, 'e')",
              "alter table users drop column age; insert into users(name, email) values ('b', 'e')",
              "alter table users rename column name to full_name; insert into users(full_name, email) values ('c', 'e')",
              "alter table users add column n int; insert into users(full_name, email, n) values ('d', 'e', 1)",
              "alter table users alter column n type bigint; insert into users(full_name, email, n) values ('f', 'e', 5000000000)",
              "alter table users alter column n type text using n::text; insert into users(full_name, email, n) values ('g', 'e', 'text')");
      for (String step : steps) {
        scenario.source().execute(step);
        scenario.awaitApplied();
      }

      List<TableSchema> versions = scenario.versions(scenario.tableId("users"));
      assertThat(versions)
          .extracting(SchemaChangeIT::described)
          .containsExactly(
              "id:int8:1 name:text:2 age:int4:3 email:text:4",
              "id:int8:1 name:text:2 email:text:4",
              "id:int8:1 full_name:text:2 email:text:4",
              "id:int8:1 full_name:text:2 email:text:4 n:int4:5",
              "id:int8:1 full_name:text:2 email:text:4 n:int8:5",
              "id:int8:1 full_name:text:2 email:text:4 n:text:5");
      assertStoredInOrder(scenario, versions);
      assertEachStandsBeforeItsRows(scenario, "users");
      List<Insert> inserts = scenario.changes("users", Insert.class);
      assertThat(inserts.get(4).row().getLong(3)).isEqualTo(5_000_000_000L);
      assertThat(inserts.get(5).row().getString(3)).isEqualTo("text");
    }
  }

  /**
   * S32, the stream behind: what it says of each version is right, what it does not say is left
   * out.
   */
  @Test
  void takesNothingFromTheFuture() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.stop();
      scenario
          .source()
          .execute(
              """
              alter table users rename column age to years; insert into users(name, years) values ('a', 1);
              begin;
              alter table users rename column years to days;
              insert into users(name, days) values ('b', 2);
              alter table users alter column days type bigint;
              insert into users(name, days) values ('c', 3);
              commit;
              alter table users drop column days; insert into users(name) values ('d');
              """);
      scenario.start().awaitApplied();

      List<TableSchema> versions = scenario.versions(scenario.tableId("users"));
      assertThat(versions)
          .extracting(SchemaChangeIT::described)
          .containsExactly(
              "id:int8:1 name:text:2 years:int4:0",
              "id:int8:1 name:text:2 days:int4:0",
              "id:int8:1 name:text:2 days:int8:0",
              "id:int8:1 name:text:2");
      assertEachStandsBeforeItsRows(scenario, "users");
      assertThat(scenario.changes("users", Insert.class))
          .extracting(insert -> insert.row().toMap().values().toString())
          .containsExactly("[1, a, 1]", "[2, b, 2]", "[3, c, 3]", "[4, d]");
    }
  }

  /** Columns that have traded their names meanwhile. */
  @Test
  void takesNothingFromAFutureThatLooksAlike() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.stop();
      scenario
          .source()
          .execute(
              """
              alter table users add column nick text; insert into users(name, age, nick) values ('a', 1, 'b');
              begin; alter table users rename column name to traded; alter table users rename column nick to name;
              alter table users rename column traded to nick; commit;
              insert into users(name, age, nick) values ('b', 1, 'a');
              """);
      scenario.start().awaitApplied();

      assertThat(scenario.versions(scenario.tableId("users")))
          .extracting(SchemaChangeIT::described)
          .containsExactly(
              "id:int8:0 name:text:0 age:int4:0 nick:text:0",
              "id:int8:1 nick:text:2 age:int4:3 name:text:4");
    }
  }

  /** S33. */
  @Test
  void announcesAVersionMadeBeforeARestart() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute("insert into users(name, age) values ('old', 1)");
      scenario.start().awaitReady();
      TableId users = scenario.tableId("users");
      scenario
          .source()
          .execute(
              "alter table users add column email text not null default 'unknown@example.com'");
      scenario.awaitApplied();
      scenario.stop().start().awaitReady();
      scenario.source().execute("insert into users(name, age, email) values ('new', 2, 'e')");
      scenario.awaitApplied();
      scenario.stop().start();
      scenario.source().execute("insert into users(name, age, email) values ('newer', 3, 'f')");
      scenario.awaitApplied();

      assertThat(scenario.versions(users)).hasSize(1);
      ColumnSchema email = scenario.versions(users).get(0).column(3);
      assertThat(email.name()).isEqualTo("email");
      assertThat(email.defaultExpression()).isEqualTo("'unknown@example.com'::text");
      assertThat(email.nullable()).isFalse();
      assertThat(scenario.destination().changes("users")).hasSize(2);
      assertThat(scenario.changes("users", Insert.class).get(0).row().toMap().values())
          .containsExactly(2L, "new", 2, "e");
      assertEachStandsBeforeItsRows(scenario, "users");
      assertStoredInOrder(scenario, scenario.versions(users));
    }
  }

  /** S36. */
  @Test
  void followsATableThroughNamesAndSchemas() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      TableId users = scenario.tableId("users");
      scenario
          .source()
          .execute(
              """
              insert into users(id, name, age) values (1, 'a', 1);
              alter table users rename to people; insert into people(id, name, age) values (2, 'b', 2);
              create schema hr; alter table people set schema hr; insert into hr.people(id, name, age) values (3, 'c', 3);
              """);
      scenario.awaitApplied();
      scenario.stop().start().awaitReady();
      scenario.source().execute("insert into hr.people(id, name, age) values (4, 'd', 4)");
      scenario.awaitApplied();

      assertThat(scenario.versions(users))
          .extracting(version -> version.name().toString())
          .containsExactly("public.people", "hr.people");
      assertThat(scenario.changes("people", Insert.class))
          .extracting(insert -> insert.table().id() + " " + insert.table().name())
          .containsExactly(
              users + " public.users",
              users + " public.people",
              users + " hr.people",
              users + " hr.people");
      assertThat(scenario.destination().rowWrites("people")).isEqualTo(1);
      assertThat(scenario.destination().truncations("people")).isEqualTo(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "hr.people");
    }
  }

  /** S37. */
  @Test
  void hearsNothingOfRewrites() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .source()
          .execute(
              "insert into users(name, age) select 'user_'||g, g from generate_series(1, 1000) g");
      scenario.start().awaitReady();
      scenario
          .source()
          .execute(
              """
              insert into users(name, age) values ('before', 1);
              alter table users add column c1 int default 7; alter table users add column c2 timestamptz default clock_timestamp();
              alter table users alter column age type bigint; create index on users(age); vacuum full users; alter table users set (fillfactor = 70);
              insert into users(name, age) values ('after', 1);
              analyze users; create index on users(name); cluster users using users_pkey; alter table users alter column name set statistics 50;
              insert into users(name, age) values ('and after', 1);
              """);
      scenario.awaitApplied();

      assertThat(scenario.destination().changes("users")).hasSize(3);
      assertThat(scenario.changes("users", Insert.class).get(1).row().getInt(3)).isEqualTo(7);
      assertThat(scenario.versions(scenario.tableId("users")))
          .extracting(SchemaChangeIT::described)
          .containsExactly("id:int8:1 name:text:2 age:int8:3 c1:int4:4 c2:timestamptz:5");
    }
  }

  /** S39. */
  @Test
  void leavesGeneratedColumnsOutOnBothPaths() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table g(id int generated always as identity primary key, a int, b int generated always as (a * 2) stored, c text);
                create publication pub for table g;
                insert into g(a, c) values (1, 'copied');
                """)
            .start()
            .awaitReady()) {
      scenario
          .source()
          .execute("insert into g(a, c) values (2, 'streamed'); update g set a = 3 where id = 1");
      scenario.awaitApplied();

      TableRow copied = scenario.destination().copiedRows("g").get(0);
      assertThat(copied.toMap().toString()).isEqualTo("{id=1, a=1, c=copied}");
      assertThat(scenario.changes("g", Insert.class).get(0).row().toMap().toString())
          .isEqualTo("{id=2, a=2, c=streamed}");
      assertThat(scenario.changes("g", Update.class).get(0).row().toMap().toString())
          .isEqualTo("{id=1, a=3, c=copied}");
      assertThat(scenario.versions(scenario.tableId("g"))).isEmpty();
    }
  }

  /** S41. */
  @Test
  void announcesANewColumnOfAPartitionedTableOnce() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table ev(id int, k int, data text, primary key (id, k)) partition by range (k);
                create table ev_1 partition of ev for values from (0) to (100); create table ev_2 partition of ev for values from (100) to (200);
                create publication pub for table ev with (publish_via_partition_root = true);
                insert into ev values (1, 50, 'a'), (2, 150, 'b');
                """)
            .start()
            .awaitReady()) {
      TableId root = scenario.tableId("ev");
      scenario
          .source()
          .execute(
              """
              alter table ev add column cat text default 'c'; insert into ev values (3, 75, 'x', 'y');
              insert into ev_2 values (4, 175, 'x', 'z');
              """);
      scenario.awaitApplied();

      assertThat(scenario.destination().tables()).containsExactly("public.ev");
      assertThat(scenario.destination().copiedRows("ev")).hasSize(2);
      assertThat(scenario.versions(root))
          .extracting(SchemaChangeIT::described)
          .containsExactly("id:int4:1 k:int4:2 data:text:3 cat:text:4");
      assertThat(scenario.changes("ev", Insert.class))
          .extracting(insert -> insert.table().id() + " " + insert.row().toMap().values())
          .containsExactly(root + " [3, 75, x, y]", root + " [4, 175, x, z]");
    }
  }

  /** Name, type and attribute number of each column. */
  static String described(TableSchema version) {
    StringBuilder columns = new StringBuilder();
    for (ColumnSchema column : version.columns()) {
      columns
          .append(columns.isEmpty() ? "" : " ")
          .append("%s:%s:%d".formatted(column.name(), column.type(), column.attributeNumber()));
    }
    return columns.toString();
  }

  /** The store gives each version from its position on up to the next. */
  private static void assertStoredInOrder(Scenario scenario, List<TableSchema> versions) {
    for (int i = 0; i < versions.size(); i++) {
      TableSchema version = versions.get(i);
      assertThat(scenario.store().getTableSchema(version.id(), version.snapshotLsn()))
          .contains(version);
      if (i > 0) {
        assertThat(version.snapshotLsn()).isGreaterThan(versions.get(i - 1).snapshotLsn());
      }
    }
  }

  /** A row has the version announced last. */
  private static void assertEachStandsBeforeItsRows(Scenario scenario, String table) {
    TableId id = scenario.tableId(table);
    TableSchema announced = scenario.store().getTableSchema(id).orElseThrow();
    for (Event event : scenario.destination().events()) {
      if (event instanceof Event.Relation relation && relation.table().id().equals(id)) {
        announced = relation.table();
      } else if (event instanceof Insert insert && insert.table().id().equals(id)) {
        assertThat(insert.table()).isEqualTo(announced);
        assertThat(insert.row().columnCount()).isEqualTo(announced.columnCount());
      }
    }
  }
}
