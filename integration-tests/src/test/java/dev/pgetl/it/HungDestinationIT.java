package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A destination that never answers: the pipeline ends all the same, and nothing is lost by it. */
class HungDestinationIT {

  /** S80. */
  @Test
  void endsDuringACopyAndStartsItOver() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)))) {
      scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      scenario.stop();
      assertThat(scenario.phase("users")).isInstanceOf(DataSync.class);
      ServerSide.awaitFreeSlots(scenario);

      scenario.start().awaitReady();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
      assertThat(scenario.destination().truncations("users")).isEqualTo(2);
    }
  }

  @Test
  void endsDuringAWriteOfEventsAndDeliversThemAgain() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)))
            .start()
            .awaitReady()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      hold.awaitReached();
      scenario.stop();
      ServerSide.awaitFreeSlots(scenario);

      scenario.start().awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
      assertThat(scenario.destination().changes("users")).hasSize(1);
    }
  }

  /** Nothing reads from the slot until the call returns; then the stream connects again. */
  @Test
  void aConnectionThatIsCutMeanwhileIsReplacedAfterTheCall() throws InterruptedException {
    String slot = "pgetl_apply_it";
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      insert(scenario, "users(name, age) values ('held', 1)");
      hold.awaitReached();
      insert(scenario, "users(name, age) values ('before the cut', 2)");
      assertThat(scenario.source().killWalSender(slot)).isTrue();
      insert(scenario, "users(name, age) values ('behind the cut', 3)");
      await("the slot is idle")
          .during(Duration.ofSeconds(2))
          .atMost(Scenario.PATIENCE)
          .until(() -> !scenario.source().slot(slot).isActive());

      hold.release();
      scenario.awaitApplied();
      assertThat(scenario.source().slot(slot).isActive()).isTrue();
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), "users");
    }
  }

  /** The hand-over of one table does not hold the others up. */
  @Test
  void otherTablesGoOnWhileOneTablesOwnStreamHangs() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)))
            .start()
            .awaitReady()) {
      Hold copy = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.source().execute("insert into users(name, age) values ('copied', 1)");
      scenario.awaitApplied();
      scenario.pipeline().resync(scenario.tableId("users"));
      copy.awaitReached();
      Hold events = scenario.destination().on(Operation.EVENTS).of("users").once().hold();
      scenario.source().execute("insert into users(name, age) values ('caught up', 2)");
      copy.release();
      events.awaitReached();
      scenario.source().execute("insert into users(name, age) values ('behind the fence', 3)");
      scenario.source().execute("insert into orders(description) values ('not held up')");
      scenario.destination().awaitChanges("orders", 1);

      events.release();
      scenario.awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "users", "orders");
    }
  }

  /**
   * A destination that needs longer for a call than the main stream waits for a table: the table
   * gets there all the same, because the main stream is more patient the next time.
   */
  @Test
  void handsOverATableHoweverSlowItsOwnStreamIs() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)))
            .start()
            .awaitReady()) {
      Hold copy = scenario.destination().on(Operation.ROWS).of("users").hold();
      scenario.pipeline().resync(scenario.tableId("users"));
      copy.awaitReached();
      Hold held = scenario.destination().on(Operation.EVENTS).of("users").hold();
      insert(scenario, "users(name, age) values ('since the copy', 1)");
      copy.release();
      held = heldBehindTheFence(scenario, held, 1);
      insert(scenario, "orders(description) values ('waits for a while')");
      scenario.destination().awaitChanges("orders", 2);

      Hold again = scenario.destination().on(Operation.EVENTS).of("users").hold();
      held.release();
      held = heldBehindTheFence(scenario, again, 3);
      insert(scenario, "orders(description) values ('waits for longer')");
      await("more patience")
          .during(Duration.ofSeconds(7))
          .atMost(Scenario.PATIENCE)
          .until(() -> scenario.destination().changes("orders").size() == 3);
      held.release();
      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().changes("orders")).hasSize(4);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users", "orders");
    }
  }

  /**
   * The table's own stream has a call under way, and reads no more before that is done. When it
   * goes on, the main stream has passed another change of the table by, which the stream has to
   * deliver; and then the main stream meets a third one.
   *
   * @return that call of the table's own stream
   */
  private static Hold heldBehindTheFence(Scenario scenario, Hold held, int orders) {
    held.awaitReached();
    awaitPhase(scenario, SyncWait.class);
    insert(scenario, "users(name, age) values ('before the fence', 2)");
    insert(scenario, "orders(description) values ('behind it in the log')");
    scenario.destination().awaitChanges("orders", orders);
    Hold next = scenario.destination().on(Operation.EVENTS).of("users").hold();
    held.release();
    next.awaitReached();
    awaitPhase(scenario, Catchup.class);
    insert(scenario, "users(name, age) values ('behind the fence', 3)");
    return next;
  }

  private static void insert(Scenario scenario, String what) {
    scenario.source().execute("insert into " + what);
  }

  private static void awaitPhase(Scenario scenario, Class<? extends TableReplicationPhase> phase) {
    TableId users = scenario.tableId("users");
    await()
        .atMost(Scenario.PATIENCE)
        .until(
            () ->
                scenario.pipeline().status().tables().values().stream()
                    .anyMatch(
                        table -> table.id().equals(users) && phase.isInstance(table.phase())));
  }
}
