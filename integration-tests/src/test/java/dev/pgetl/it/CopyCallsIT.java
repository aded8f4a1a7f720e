package dev.pgetl.it;

import static dev.pgetl.testkit.destination.Operation.COPIED;
import static dev.pgetl.testkit.destination.Operation.EVENTS;
import static dev.pgetl.testkit.destination.Operation.FLUSH;
import static dev.pgetl.testkit.destination.Operation.ROWS;
import static dev.pgetl.testkit.destination.Operation.TRUNCATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.Call;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a destination is asked when a copy begins and when it is complete. */
class CopyCallsIT {
  private final Truncations truncations = new Truncations();
  private final RecordingDestination destination = new RecordingDestination(truncations);

  /** The renamed version is stored when it is read, but the destination refuses it. */
  @Test
  void aTruncationNamesTheVersionThatTheDestinationHad() throws InterruptedException {
    try (Scenario scenario = scenario();
        Pipeline pipeline = start(scenario)) {
      TableId users = scenario.tableId("users");
      scenario.source().execute("alter table users add column city text");
      scenario.source().execute("insert into users (name, age, city) values ('Bob', 2, 'B')");
      assertThat(pipeline.awaitApplied(scenario.source().currentLsn(), Scenario.PATIENCE)).isTrue();

      destination
          .on(EVENTS)
          .of("people")
          .rejectWith(
              () ->
                  new EtlException(ErrorKind.DESTINATION_REJECTED, "cannot rename")
                      .withTable(users.oid()));
      scenario
          .source()
          .execute(
              """
              alter table users rename to people; alter table people drop column age;
              insert into people (name) values ('Cy');
              """);
      scenario.awaitPhase("people", Errored.class);
      destination.repair();
      pipeline.resync(users);
      assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();

      assertThat(truncations.of(users))
          .containsExactly(
              "null -> public.users[id, name, age]",
              "public.users[id, name, age, city] -> public.people[id, name, city]");
    }
  }

  @Test
  void aTruncationAfterARestartNamesTheNewestVersionOfTheStore() throws InterruptedException {
    try (Scenario scenario = scenario()) {
      try (Pipeline first = start(scenario)) {
        assertThat(first.awaitReady(Scenario.PATIENCE)).isTrue();
      }
      TableId users = scenario.tableId("users");
      scenario.source().execute("alter table users drop column age");
      try (Pipeline second = start(scenario)) {
        second.resync(users);
        assertThat(second.awaitReady(Scenario.PATIENCE)).isTrue();
      }
      assertThat(truncations.of(users))
          .last()
          .isEqualTo("public.users[id, name, age] -> public.users[id, name]");
    }
  }

  @Test
  void aCopyIsCompleteOnceItsRowsAreDurable() throws InterruptedException {
    destination.on(ROWS).of("users").accept();
    destination.on(COPIED).of("users").once().reject(ErrorKind.DESTINATION_UNAVAILABLE);
    try (Scenario scenario = scenario();
        Pipeline pipeline = start(scenario)) {
      scenario.source().execute("insert into users (name, age) values ('Bob', 2)");
      assertThat(pipeline.awaitApplied(scenario.source().currentLsn(), Scenario.PATIENCE)).isTrue();

      List<Operation> operations =
          destination.calls().stream()
              .filter(call -> call.concerns("users") || call.operation() == FLUSH)
              .map(Call::operation)
              .toList();
      assertThat(operations).containsSubsequence(TRUNCATE, ROWS, FLUSH, COPIED, COPIED, EVENTS);
      assertThat(operations).filteredOn(COPIED::equals).hasSize(2);
      assertThat(operations).filteredOn(TRUNCATE::equals).hasSize(1);
    }
  }

  @Test
  void aTableLeftOutOfTheCopyIsNeverComplete() throws InterruptedException {
    try (Scenario scenario = scenario().options(o -> o.tableCopy(TableCopyConfig.none()));
        Pipeline pipeline = start(scenario)) {
      assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
      assertThat(destination.calls(ROWS)).hasSize(3);
      assertThat(destination.calls(COPIED)).isEmpty();
    }
  }

  private static Scenario scenario() {
    return Scenario.with(
        Scenario.USERS_AND_ORDERS + "insert into users (name, age) values ('A', 1)");
  }

  private Pipeline start(Scenario scenario) throws InterruptedException {
    Pipeline pipeline = Pipeline.create(scenario.config(), scenario.store(), destination);
    pipeline.start();
    assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
    return pipeline;
  }

  /** Remembers between which versions tables were truncated. */
  private static final class Truncations implements Destination {
    private record Truncation(@Nullable TableSchema last, TableSchema next) {
      @Override
      public String toString() {
        return (last == null ? "null" : described(last)) + " -> " + described(next);
      }

      private static String described(TableSchema version) {
        return version.name()
            + version.columns().stream().map(column -> column.name()).toList().toString();
      }
    }

    private final List<Truncation> seen = new CopyOnWriteArrayList<>();

    List<String> of(TableId table) {
      return seen.stream()
          .filter(truncation -> truncation.next().id().equals(table))
          .map(Truncation::toString)
          .toList();
    }

    @Override
    public void truncateTable(TableSchema table) {
      throw new UnsupportedOperationException("the pipeline names two versions");
    }

    @Override
    public void truncateTable(@Nullable TableSchema last, TableSchema next) {
      seen.add(new Truncation(last, next));
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      return WriteResult.DURABLE;
    }
  }
}
