package dev.pgetl.it.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.it.Scenario;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.SchemaChange;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** S32: {@link PipelineListener#onSchemaChanged}. */
class SchemaListenerIT {
  private static final String ADD_EMAIL =
      "alter table users add column email text;"
          + " insert into users(name, age, email) values ('a', 1, 'e')";
  private static final String DROP_AGE =
      "alter table users drop column age; insert into users(name, email) values ('b', 'e')";
  private static final String RENAME =
      "alter table users rename column name to title; insert into users(title) values ('c')";

  private final List<SchemaChange> changes = new CopyOnWriteArrayList<>();
  private final List<String> threads = new CopyOnWriteArrayList<>();
  private final List<Boolean> taken = new CopyOnWriteArrayList<>();
  private @Nullable Scenario scenario;

  private Scenario scenario() {
    scenario = Scenario.with(Scenario.USERS_AND_ORDERS).listener(new Listener());
    return scenario;
  }

  private final class Listener implements PipelineListener {
    @Override
    public void onSchemaChanged(SchemaChange change) {
      changes.add(change);
      threads.add(Thread.currentThread().getName());
      taken.add(
          Objects.requireNonNull(scenario).destination().events().stream()
              .anyMatch(
                  event ->
                      event instanceof Event.Relation relation
                          && relation.table().equals(change.after())));
    }
  }

  @Test
  void reportsChangesInOrderOnceTheDestinationHasThem() throws InterruptedException {
    try (Scenario users = scenario().start().awaitReady()) {
      users.source().execute(ADD_EMAIL);
      users.source().execute(DROP_AGE);
      users.source().execute(RENAME);
      users.awaitApplied();

      assertThat(changes)
          .extracting(SchemaChange::toString)
          .containsExactly(
              "public.users: column email added",
              "public.users: column age dropped",
              "public.users: column name renamed to title");
      assertThat(changes.get(0).before().columnCount()).isEqualTo(3);
      assertThat(changes.get(1).before()).isEqualTo(changes.get(0).after());
      assertThat(threads).containsOnly("etl-it-apply-delivery");
      assertThat(taken).containsOnly(true);
    }
  }

  /** The process knows the version before by its store. */
  @Test
  void reportsTheFirstChangeAfterARestart() throws InterruptedException {
    try (Scenario users = scenario().start().awaitReady()) {
      users.stop();
      users.source().execute(ADD_EMAIL);
      users.start().awaitApplied();

      assertThat(changes)
          .extracting(SchemaChange::toString)
          .containsExactly("public.users: column email added");
    }
  }

  @Test
  void reportsAChangeThatCatchingUpBrings() throws InterruptedException {
    try (Scenario users = scenario()) {
      users.source().execute("insert into users(name, age) values ('first', 1)");
      Hold copy = users.destination().on(Operation.ROWS).of("users").hold();
      Hold catchUp = users.destination().on(Operation.EVENTS).of("users").hold();
      users.start();
      copy.awaitReached();
      users.source().execute("insert into users(name, age) values ('late', 1)");
      copy.release();
      catchUp.awaitReached();
      users.source().execute(ADD_EMAIL);
      users.source().execute("insert into sentinel default values");
      users.destination().awaitChanges("sentinel", 1);
      assertThat(changes).as("the first version is no change").isEmpty();
      catchUp.release();
      users.awaitReady();

      assertThat(changes)
          .extracting(SchemaChange::toString)
          .containsExactly("public.users: column email added");
      assertThat(threads).containsExactly("etl-it-sync-" + users.tableId("users") + "-delivery");
    }
  }

  /** No event announces it: the rows of the copy do. */
  @Test
  void reportsAChangeThatACopyBrings() throws InterruptedException {
    try (Scenario users = scenario().start().awaitReady()) {
      users.source().execute("alter table users add column email text");
      users.pipeline().resync(users.tableId("users"));
      users.awaitReady("users");

      assertThat(changes)
          .extracting(SchemaChange::toString)
          .containsExactly("public.users: column email added");
      assertThat(threads.get(0)).isEqualTo("etl-it-sync-" + users.tableId("users"));
    }
  }

  @Test
  void aListenerThatFailsChangesNothing() throws InterruptedException {
    PipelineListener broken =
        new PipelineListener() {
          @Override
          public void onSchemaChanged(SchemaChange change) {
            throw new IllegalStateException("broken");
          }
        };
    try (Scenario users =
        Scenario.with(Scenario.USERS_AND_ORDERS).listener(broken).start().awaitReady()) {
      users.source().execute(ADD_EMAIL);
      users.awaitApplied();

      assertThat(users.destination().changes("users")).isNotEmpty();
    }
  }
}
