package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a publication leaves out is neither copied nor streamed. */
class ColumnAndRowFilterIT {

  @BeforeAll
  static void requireColumnListsAndRowFilters() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
  }

  /** S42. */
  @Test
  void columnsThatAreNotListedNeverArrive() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table u(id int primary key, name text, age int, email text, phone text);
                create publication pub for table u (id, name, age);
                insert into u values (1, 'a', 1, 'secret', 'secret');
                """)
            .start()
            .awaitReady()) {
      scenario
          .source()
          .execute(
              "insert into u values (2,'b',2,'secret','secret'); update u set email = 'other' where id = 1");
      scenario.awaitApplied();

      RecordingDestination destination = scenario.destination();
      assertThat(destination.copiedRows("u")).hasSize(1);
      assertThat(destination.changes("u")).hasSize(2);
      assertThat(rows(destination, "u"))
          .hasSize(3)
          .allSatisfy(row -> assertThat(names(row.table())).containsExactly("id", "name", "age"))
          .noneMatch(ColumnAndRowFilterIT::holdsSecret);
      Event.Update update = (Event.Update) destination.changes("u").get(1);
      assertThat(List.of(update.row().text(0), update.row().text(1), update.row().text(2)))
          .containsExactly("1", "a", "1");
      DeliveryAssert.assertThat(destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), "u");
    }
  }

  /** Rows written before the change keep their columns, also when they are read again later. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aColumnListThatChangesHoldsFromItsPlaceInTheStream(boolean whileStopped)
      throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table u(id int primary key, name text, email text);
                create publication pub for table u (id, name);
                """)
            .start()
            .awaitReady()) {
      if (whileStopped) {
        scenario.stop();
      }
      scenario
          .source()
          .execute(
              """
              insert into u values (1, 'a', 'secret');
              alter publication pub set table u (id, email); insert into u values (2, 'secret', 'b');
              alter publication pub set table u (id, name, email); insert into u values (3, 'c', 'c');
              """);
      if (whileStopped) {
        scenario.start();
      }
      scenario.awaitApplied();
      assertThat(rows(scenario.destination(), "u"))
          .extracting(row -> row.toMap().toString())
          .containsExactly("{id=1, name=a}", "{id=2, email=b}", "{id=3, name=c, email=c}");
      assertThat(scenario.versions(scenario.tableId("u")))
          .extracting(ColumnAndRowFilterIT::names)
          .containsExactly(List.of("id", "email"), List.of("id", "name", "email"));
    }
  }

  private static List<TableRow> rows(RecordingDestination destination, String table) {
    Stream<TableRow> streamed =
        destination.changes(table).stream()
            .map(
                change ->
                    change instanceof Event.Insert insert
                        ? insert.row()
                        : ((Event.Update) change).row());
    return Stream.concat(destination.copiedRows(table).stream(), streamed).toList();
  }

  private static List<String> names(TableSchema table) {
    return table.columns().stream().map(ColumnSchema::name).toList();
  }

  private static boolean holdsSecret(TableRow row) {
    for (int i = 0; i < row.table().columnCount(); i++) {
      if (Objects.requireNonNullElse(row.text(i), "").contains("secret")) {
        return true;
      }
    }
    return false;
  }

  /** S44. The table has a column more, so large that four connections are worth their while. */
  @Test
  void rowsThatDoNotMatchNeverArrive() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table f(id int primary key, age int not null, pad text not null default repeat('p', 1700));
                alter table f alter pad set storage plain;
                alter table f replica identity full;
                create publication pub for table f where (age >= 18);
                insert into f select g, g from generate_series(1, 10000) g;
                """)
            .options(builder -> builder.maxCopyConnectionsPerTable(4))) {
      Hold hold = scenario.destination().on(Operation.ROWS).once().hold();
      scenario.start();
      hold.awaitReached();
      assertThat(ServerSide.copyConnections(scenario)).isEqualTo(4);
      hold.release();
      scenario.awaitReady();
      scenario.source().execute("insert into f values (20001, 5), (20002, 50)");
      scenario.awaitApplied();

      assertThat(scenario.destination().copiedRows("f")).hasSize(9983);
      assertThat(scenario.destination().changes("f"))
          .singleElement()
          .isInstanceOfSatisfying(
              Event.Insert.class, insert -> assertThat(insert.row().text(0)).isEqualTo("20002"));
      assertThat(rows(scenario.destination(), "f"))
          .allSatisfy(row -> assertThat(Integer.parseInt(row.text(1))).isGreaterThanOrEqualTo(18));
    }
  }

  /**
   * What the server makes of a row that begins or ceases to match, from one and the same update: an
   * insert, a delete.
   */
  @Test
  void aRowThatBeginsToMatchIsInsertedAndOneThatCeasesToIsDeleted() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table f(id int primary key, age int not null);
                alter table f replica identity full;
                create publication pub for table f where (age >= 18);
                insert into f values (1, 17), (2, 18), (3, 30);
                """)
            .start()
            .awaitReady()) {
      scenario
          .source()
          .execute(
              "update f set age = 18 where id = 1; update f set age = 17 where id = 2; update f set age = 31 where id = 3");
      scenario.awaitApplied();

      assertThat(scenario.destination().copiedRows("f")).hasSize(2);
      assertThat(scenario.destination().changes("f"))
          .extracting(change -> change.getClass().getSimpleName())
          .containsExactly("Insert", "Delete", "Update");
      assertThat(scenario.destination().materialise("f"))
          .extracting(row -> row.text(0) + ":" + row.text(1))
          .containsExactlyInAnyOrder("1:18", "3:31");
    }
  }
}
