package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every way to write to a table arrives as the changes it makes, and nothing else does. */
class WritesIT {
  private static final int FIRST_WITH_MERGE = 15;
  private static final String UPSERTS =
      """
      insert into users(id,name,age) values (1,'a',1) on conflict (id) do update set age = excluded.age;
      insert into users(id,name,age) values (1,'a',2) on conflict (id) do update set age = excluded.age;
      insert into users(id,name,age) values (1,'a',3) on conflict do nothing;
      with d as (delete from users where id = 1 returning *) insert into orders(description) select name from d;
      create table staging(id bigint, name text, age int); insert into staging values (1,'m',1),(2,'m',2);
      """;
  private static final String THE_REST =
      """
      copy users(id, name, age) from program 'printf ''10\\tx\\t1\\n11\\ty\\t2\\n''';
      select pg_logical_emit_message(true, 'foreign', 'hello'); select pg_logical_emit_message(false, 'foreign', 'hello');
      vacuum full users;
      cluster users using users_pkey;
      insert into users(id,name,age) values (12,'last',3);
      """;

  /** S24: upserts, a statement that writes twice, MERGE, COPY, messages, rewrites of the table. */
  @Test
  void deliversTheChangesOfEveryStatement() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.source().execute(UPSERTS);
      scenario.source().execute(merge());
      scenario.source().execute(THE_REST);
      scenario.awaitApplied();

      assertThat(changes(scenario))
          .containsExactly(
              "Insert users 1", // the first upsert
              "Update users 1", // the second; the third changes nothing
              "Delete users 1", // and, in the same transaction,
              "Insert orders a",
              "Insert users 1", // MERGE
              "Insert users 2",
              "Insert users 10", // COPY
              "Insert users 11",
              "Insert users 12"); // after the table has got other files
      List<Event> users = scenario.destination().changes("users");
      Event order = scenario.destination().changes("orders").get(0);
      assertThat(order.transaction()).isEqualTo(users.get(2).transaction());
      assertThat(scenario.destination().events()).noneMatch(Event.Message.class::isInstance);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users", "orders");
    }
  }

  /** Older servers do the same in other words. */
  private static String merge() {
    return TestPostgres.shared().majorVersion() >= FIRST_WITH_MERGE
        ? "merge into users u using staging s on u.id = s.id when matched then update set age = s.age"
            + " when not matched then insert (id,name,age) values (s.id,s.name,s.age);"
        : "insert into users(id,name,age) select id, name, age from staging;";
  }

  /** What was done to which table, and the key, or for orders the text. */
  private static List<String> changes(Scenario scenario) {
    return scenario.destination().events().stream()
        .filter(event -> !(event instanceof Event.Relation))
        .filter(Event.OfTable.class::isInstance)
        .map(Event.OfTable.class::cast)
        .map(WritesIT::described)
        .toList();
  }

  private static String described(Event.OfTable event) {
    String table = event.table().name().name();
    String value =
        event instanceof Event.Insert insert
            ? insert.row().text(table.equals("orders") ? 1 : 0)
            : event instanceof Event.Update update
                ? update.row().text(0)
                : ((Event.Delete) event).oldRow().row().text(0);
    return event.getClass().getSimpleName() + " " + table + " " + value;
  }
}
