package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Changes made while the pipeline runs. */
class StreamingIT {

  /** S05. */
  @Test
  void deliversEachTransactionWholeAndInOrder() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario
          .source()
          .execute(
              """
              insert into users(id, name, age) values (1,'a',1),(2,'b',2),(3,'c',3);
              update users set age = 20 where id = 2;
              update users set age = age where id = 3;
              delete from users where id = 1;
              begin; insert into users(id,name,age) values (4,'d',4); update users set age=5 where id=4; delete from users where id=4; commit;
              """);
      scenario.awaitApplied();

      assertThat(kinds(scenario.destination().events()))
          .containsExactly(
              "Begin", "Insert", "Insert", "Insert", "Commit", "Begin", "Update", "Commit", "Begin",
              "Update", "Commit", "Begin", "Delete", "Commit", "Begin", "Insert", "Update",
              "Delete", "Commit");
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  /** S22. */
  @Test
  void deliversWhatWasCommittedAndNothingElse() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario
          .source()
          .execute(
              """
              begin; insert into users(id,name,age) values (1,'keep',1); savepoint a; insert into users(id,name,age) values (2,'gone',2);
              update users set age=9 where id=1; rollback to a; insert into users(id,name,age) values (3,'keep',3); commit;
              begin; insert into users(id,name,age) values (4,'gone',4); rollback;
              do $$ begin insert into users(id,name,age) values (5,'keep',5);
                begin insert into users(id,name,age) values (5,'dup',5); exception when unique_violation then null; end; end $$;
              begin; insert into users(id,name,age) values (6,'prepared',6); prepare transaction 'px1';
              insert into users(id,name,age) values (7,'between',7);
              """);
      scenario.awaitApplied().stop();
      scenario.start();
      scenario
          .source()
          .execute(
              """
              commit prepared 'px1';
              begin; insert into users(id,name,age) values (8,'gone',8); prepare transaction 'px2'; rollback prepared 'px2';
              """);
      scenario.awaitApplied();

      assertThat(ids(scenario.destination().changes("users")))
          .containsExactly("1", "3", "5", "7", "6");
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  /** S25. */
  @Test
  void deliversTruncatesOfTheTablesItCarries() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .source()
          .execute(
              """
              insert into users(name, age) select 'u', g from generate_series(1, 3) g;
              insert into orders(description) select 'o' from generate_series(1, 3) g;
              """);
      scenario.start().awaitReady();
      scenario
          .source()
          .execute(
              """
              truncate users;
              truncate users, orders restart identity;
              create table child(id int primary key, u bigint references users on delete cascade); alter publication pub add table child;
              truncate users cascade;
              alter publication pub set (publish = 'insert, update, delete');
              insert into users(name, age) values ('x', 1); truncate users cascade; insert into users(name, age) values ('y', 2);
              """);
      scenario.awaitApplied();

      List<Event.Truncate> truncates =
          scenario.destination().events().stream()
              .filter(Event.Truncate.class::isInstance)
              .map(Event.Truncate.class::cast)
              .toList();
      assertThat(truncates).hasSize(3);
      assertThat(tables(truncates.get(0))).containsExactly("users");
      assertThat(tables(truncates.get(1))).containsExactlyInAnyOrder("users", "orders");
      assertThat(truncates.get(1).restartIdentity()).isTrue();
      assertThat(tables(truncates.get(2))).containsExactly("users");
      assertThat(truncates.get(2).cascade()).isTrue();
      assertThat(
              scenario.destination().changes("users").stream()
                  .filter(Event.Insert.class::isInstance))
          .hasSize(2);
    }
  }

  /** The position of the last write to the server's log may be one before the commit. */
  @Test
  void anAsynchronousCommitIsAwaitedByWhatIsInserted() throws Exception {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady();
        Connection connection = scenario.source().connect();
        Statement sql = connection.createStatement()) {
      sql.execute("set synchronous_commit = off");
      for (int i = 1; i <= 10; i++) {
        sql.execute("insert into users(name, age) values ('a', " + i + ")");
        try (ResultSet position = sql.executeQuery("select pg_current_wal_insert_lsn()")) {
          position.next();
          Lsn end = Lsn.parse(position.getString(1));
          assertThat(scenario.pipeline().awaitApplied(end, Scenario.PATIENCE)).isTrue();
        }
        assertThat(scenario.destination().changes("users")).hasSize(i);
      }
    }
  }

  static List<String> kinds(List<Event> events) {
    return events.stream().map(event -> event.getClass().getSimpleName()).toList();
  }

  private static List<String> ids(List<Event> changes) {
    return changes.stream()
        .map(change -> String.valueOf(((Event.Insert) change).row().text(0)))
        .toList();
  }

  private static List<String> tables(Event.Truncate truncate) {
    return truncate.tables().stream().map(table -> table.name().name()).toList();
  }
}
