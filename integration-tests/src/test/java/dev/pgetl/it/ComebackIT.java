package dev.pgetl.it;

import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.store.AwaitingStore;
import dev.pgetl.testkit.store.StoreWrite;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Tables that leave the publication and are back before they were forgotten: what changed meanwhile
 * is in no stream, so they are copied again.
 */
class ComebackIT {
  private static final String LEAVE =
      "alter publication pub drop table users; insert into users(id, name, age) values (4, 'out', 4)";
  private static final String COME_BACK =
      "insert into users(id, name, age) values (5, 'out', 5); alter publication pub add table users;"
          + " insert into users(id, name, age) values (6, 'back', 6)";

  private final AwaitingStore store = new AwaitingStore(new MemoryStore());
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicInteger cleanups = new AtomicInteger();

  /** It was not forgotten yet, because its last changes were not out. */
  @Test
  void beforeItsLastChangesWereOut() throws InterruptedException {
    try (Scenario scenario = withThreeUsers().start().awaitReady()) {
      Hold events = scenario.destination().on(Operation.EVENTS).of("orders").once().hold();
      scenario.source().execute("insert into orders(description) values ('holds the stream up')");
      events.awaitReached();
      scenario.source().execute(LEAVE);
      awaitLooks(2);
      scenario.source().execute(COME_BACK);
      events.release();
      assertCopiedAgain(scenario);
    }
  }

  /** It could not be forgotten, because the store was away. */
  @Test
  void whileTheStoreIsAway() throws InterruptedException {
    try (Scenario scenario = withThreeUsers().start().awaitReady()) {
      store.failBefore(
          ErrorKind.STORE_UNAVAILABLE,
          write -> write.kind() == StoreWrite.Kind.CLEANUP && cleanups.incrementAndGet() > 0);
      scenario.source().execute(LEAVE);
      await().atMost(Scenario.PATIENCE).until(() -> cleanups.get() >= 1);
      scenario.source().execute(COME_BACK);
      assertCopiedAgain(scenario);
    }
  }

  /** It could not be forgotten, because the destination hangs in a call of its copy. */
  @Test
  void whileTheDestinationHangs() throws InterruptedException {
    try (Scenario scenario = withThreeUsers()) {
      Hold rows = scenario.destination().on(Operation.ROWS).of("users").hold().ignoringInterrupts();
      scenario.start();
      rows.awaitReached();
      scenario.awaitReady("orders");
      scenario.source().execute(LEAVE);
      await().atMost(Scenario.PATIENCE).until(() -> ServerSide.copyConnections(scenario) == 0);
      scenario.source().execute(COME_BACK);
      awaitLooks(2);
      rows.release();
      assertCopiedAgain(scenario);
    }
  }

  private Scenario withThreeUsers() {
    store.failBefore(
        ErrorKind.STORE_UNAVAILABLE,
        write -> write.kind() == StoreWrite.Kind.PRUNE && looks.incrementAndGet() < 0);
    Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .store(store)
            .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(200)));
    scenario
        .source()
        .execute("insert into users(id, name, age) select g, 'n', g from generate_series(1, 3) g");
    return scenario;
  }

  /** So many looks at the publication have ended, the last of them begun after this call. */
  private void awaitLooks(int count) {
    int before = looks.get();
    await().atMost(Scenario.PATIENCE).until(() -> looks.get() >= before + count);
  }

  private static void assertCopiedAgain(Scenario scenario) throws InterruptedException {
    scenario
        .destination()
        .await("users is copied again", recorder -> recorder.truncations("users") == 2);
    scenario.awaitReady().awaitApplied();
    DeliveryAssert.assertThat(scenario.destination())
        .converged(scenario.source(), "users", "orders");
  }
}
