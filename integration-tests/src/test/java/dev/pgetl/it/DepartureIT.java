package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.testkit.destination.Call;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The last changes of a table that leaves, and another table that takes its name. */
class DepartureIT {
  private static final Duration REFRESH = Duration.ofMillis(200);

  private static final String ITEMS =
      """
      create table items(id int primary key, v text);
      create table other(id int primary key);
      insert into items values (1, 'old');
      create publication pub for all tables;
      """;

  private static final String ANOTHER =
      """
      drop table items;
      create table items(id int primary key, v text);
      insert into items values (1, 'new');
      """;

  private static Scenario items() {
    return Scenario.with(ITEMS).options(builder -> builder.publicationRefreshInterval(REFRESH));
  }

  @Test
  void changesMadeBeforeATableLeftAreDeliveredAfterAStop() throws InterruptedException {
    try (Scenario scenario = followed().start().awaitReady()) {
      scenario.stop();
      TableId users = scenario.tableId("users");
      scenario
          .source()
          .execute(
              """
              insert into users(name, age) values ('last', 1);
              alter publication pub drop table users;
              insert into users(name, age) values ('unpublished', 2);
              """);
      scenario.start().awaitApplied();
      assertThat(scenario.changes("users", Event.Insert.class)).hasSize(1);
      awaitForgotten(scenario, users);
    }
  }

  @Test
  void aTransactionThatWasOpenWhenTheTableLeftIsDelivered() throws Exception {
    try (Scenario scenario = followed().start().awaitReady();
        Connection writer = scenario.source().connect()) {
      writer.setAutoCommit(false);
      execute(writer, "insert into users(name, age) values ('late', 1)");
      TableId users = scenario.tableId("users");
      try (LogRecorder log = LogRecorder.started()) {
        scenario.source().execute("alter publication pub drop table users");
        await()
            .atMost(Scenario.PATIENCE)
            .until(() -> !log.lines("table public.users has left the publication").isEmpty());
      }
      scenario.source().execute("insert into orders(description) values ('behind')");
      scenario.awaitApplied();
      assertThat(scenario.store().getTableReplicationState(users)).isPresent();
      writer.commit();
      scenario.awaitApplied();
      assertThat(scenario.changes("users", Event.Insert.class)).hasSize(1);
      awaitForgotten(scenario, users);
    }
  }

  /** Its id is behind that of every transaction that has ended. */
  @Test
  void aTransactionYoungerThanTheOneThatRemovedTheTableIsDelivered() throws Exception {
    try (Scenario scenario = followed().start().awaitReady();
        Connection publisher = scenario.source().connect();
        Connection writer = scenario.source().connect()) {
      publisher.setAutoCommit(false);
      writer.setAutoCommit(false);
      TableId users = scenario.tableId("users");
      execute(publisher, "alter publication pub drop table users");
      execute(writer, "insert into users(name, age) values ('late', 1)");
      try (LogRecorder log = LogRecorder.started()) {
        publisher.commit();
        await()
            .atMost(Scenario.PATIENCE)
            .until(() -> !log.lines("table public.users has left the publication").isEmpty());
        awaitRefreshes(scenario, log);
      }
      writer.commit();
      scenario.awaitApplied();
      assertThat(scenario.changes("users", Event.Insert.class)).hasSize(1);
      awaitForgotten(scenario, users);
    }
  }

  @Test
  void anotherTableOfTheNameIsCopiedBehindTheLastChangeOfTheOneBefore() throws Exception {
    try (Scenario scenario = items().start().awaitReady();
        LogRecorder log = LogRecorder.started()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).of("items").once().hold();
      scenario.source().execute("update items set v = 'last' where id = 1");
      hold.awaitReached();
      scenario.source().execute(ANOTHER);
      releaseOnceItWaits(log, hold);
      assertHoldsTheNewTable(scenario);
      assertThat(log.lines("has the name")).hasSize(1);
    }
  }

  @Test
  void anotherTableOfTheNameThatCameDuringAStopIsCopiedBehindTheOneBefore() throws Exception {
    try (Scenario scenario = items().start().awaitReady();
        LogRecorder log = LogRecorder.started()) {
      scenario.stop();
      Hold hold = scenario.destination().on(Operation.EVENTS).of("items").once().hold();
      scenario.source().execute("update items set v = 'last' where id = 1");
      scenario.source().execute(ANOTHER);
      scenario.start();
      releaseOnceItWaits(log, hold);
      assertHoldsTheNewTable(scenario);
    }
  }

  @Test
  void aTableMovedInPlaceOfAnotherIsCopiedBehindIt() throws Exception {
    try (Scenario scenario = items().start().awaitReady();
        LogRecorder log = LogRecorder.started()) {
      scenario.stop();
      Hold hold = scenario.destination().on(Operation.EVENTS).of("items").once().hold();
      scenario
          .source()
          .execute(
              """
              update items set v = 'last' where id = 1;
              create table staged(id int primary key, v text);
              insert into staged values (1, 'new');
              alter table items rename to items_before;
              alter table staged rename to items;
              """);
      scenario.start();
      releaseOnceItWaits(log, hold);
      assertHoldsTheNewTable(scenario);
    }
  }

  private static void releaseOnceItWaits(LogRecorder log, Hold hold) throws InterruptedException {
    hold.awaitReached();
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> !log.lines("public.items is copied once the apply worker").isEmpty());
    hold.release();
  }

  private static void assertHoldsTheNewTable(Scenario scenario) throws InterruptedException {
    scenario.awaitReady("items");
    scenario.source().execute("insert into items values (2, 'more')");
    scenario.awaitApplied();
    List<Operation> calls =
        scenario.destination().calls().stream()
            .filter(DepartureIT::emptiesOrUpdates)
            .map(Call::operation)
            .toList();
    assertThat(calls)
        .endsWith(Operation.EVENTS, Operation.TRUNCATE)
        .containsOnlyOnce(Operation.EVENTS);
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "items");
  }

  private static boolean emptiesOrUpdates(Call call) {
    boolean empties =
        call.operation() == Operation.TRUNCATE
            && Objects.requireNonNull(call.table()).name().name().equals("items");
    return empties || call.events().stream().anyMatch(Event.Update.class::isInstance);
  }

  private static Scenario followed() {
    return Scenario.with(Scenario.USERS_AND_ORDERS)
        .options(builder -> builder.publicationRefreshInterval(REFRESH));
  }

  /** Two begin and one ends, with a stream that has applied what came before. */
  private static void awaitRefreshes(Scenario scenario, LogRecorder log)
      throws InterruptedException {
    scenario.awaitApplied();
    for (String name : List.of("once", "twice", "again")) {
      scenario.source().execute("alter table orders rename to " + name);
      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> !log.lines("is called public." + name + " now").isEmpty());
      scenario.source().execute("alter table " + name + " rename to orders");
    }
    scenario.awaitApplied();
  }

  private static void awaitForgotten(Scenario scenario, TableId table) {
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.store().getTableReplicationState(table).isEmpty());
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
