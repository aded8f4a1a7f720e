package dev.pgetl.testkit.destination;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.INT8;
import static dev.pgetl.testkit.data.TestTable.TEXT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class ConvergenceIT {
  private static final TableSchema USERS =
      TestTable.named("users").key("id", INT8).column("name", TEXT).build();
  private static final TableSchema LATER =
      TestTable.named("users").key("id", INT8).column("name", TEXT).column("n", TEXT).build();

  private final TestDatabase database;
  private final RecordingDestination destination = new RecordingDestination();

  ConvergenceIT(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void copiesTwoUsers() {
    database.execute(
        "create table users (id bigint primary key, name char(3)); insert into users values (1, 'a'), (2, null)");
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "a  "), row(USERS, "2", null)));
  }

  private void converges() {
    DeliveryAssert.assertThat(destination).converged(database, "users", "public.users");
  }

  private void differs(String message) {
    assertThatThrownBy(this::converges).hasMessageContaining(message);
  }

  @Test
  void comparesCellByCellInTheTextOfPostgres() {
    converges();
    DeliveryAssert.assertThat(destination).converges(database, "users");
    database.execute("update users set name = 'b' where id = 1");
    differs("not in the source: [1, a  ]");
    differs("not delivered: [1, b  ]");
  }

  @Test
  void findsRowsTooManyAndTooFew() {
    database.execute("insert into users select g, 'x' from generate_series(3, 30) g");
    differs("and 18 more");
    database.execute("delete from users where id <> 1");
    differs("not in the source: [2, null]");
  }

  @Test
  void findsACellThatWasNeverSent() {
    database.execute("insert into users values (3, 'c')");
    destination.writeEvents(TestTransaction.at(0x100).update(row(USERS, "3", ABSENT)).commit());
    differs("[3, <never sent>]");
  }

  @Test
  void leavesOutRowsOfTablesThatInherit() {
    database.execute("create table more () inherits (users); insert into more values (3, 'c')");
    converges();
  }

  @Test
  void findsRowsInPartitions() {
    database.execute(
        """
        drop table users;
        create table users (id bigint primary key, name char(3)) partition by range (id);
        create table low partition of users for values from (0) to (100);
        insert into users values (1, 'a'), (2, null);
        """);
    converges();
  }

  @Test
  void leavesOutColumnsThatRowsDoNotHaveYet() {
    database.execute("alter table users add n int default 7; insert into users values (3, 'c', 8)");
    destination.writeEvents(
        TestTransaction.at(0x100).relation(LATER).insert(row(LATER, "3", "c  ", "8")).commit());
    converges();
    database.execute("update users set n = 9 where id = 3");
    differs("not in the source: [3, c  , 8]");
  }
}
