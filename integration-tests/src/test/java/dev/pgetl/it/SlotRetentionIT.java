package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.PostgresCluster;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** S84: a slot that the server is about to give up is seen, and warned of, before it is lost. */
class SlotRetentionIT {
  private static final String FILLER =
      "insert into filler select repeat('x', 1000) from generate_series(1, 4000) g";

  private static final PostgresCluster CLUSTER =
      PostgresCluster.builder().set("max_slot_wal_keep_size", "128MB").start();

  private static Scenario scenario() {
    Scenario scenario =
        Scenario.on(CLUSTER.createDatabase())
            .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(100)));
    scenario.source().execute(Scenario.USERS_AND_ORDERS + "create table filler(x text)");
    return scenario;
  }

  @AfterAll
  static void stopCluster() {
    CLUSTER.close();
  }

  @Test
  void warnsBeforeTheSlotIsLostAndSaysWhenItIsSafeAgain() throws InterruptedException {
    LogRecorder log = new LogRecorder();
    log.start();
    try (Scenario scenario = scenario().start().awaitReady()) {
      awaitSlot(scenario, slot -> slot.safeBytes().orElse(0) > 64 << 20);
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario.source().execute("insert into users(name, age) values ('held', 1)");
      hold.awaitReached();

      writeUntil(scenario, slot -> slot.safeBytes().orElse(0) < 32 << 20);
      await().until(() -> warnings(log) == 1);
      writeUntil(scenario, slot -> slot.wal() == SlotStatus.Wal.UNRESERVED);
      await().until(() -> warnings(log) == 2);

      hold.release();
      scenario.awaitApplied();
      awaitSlot(scenario, slot -> slot.wal() == SlotStatus.Wal.RESERVED);
      await().until(() -> log.lines("replication slot pgetl_apply_it is safe again").size() == 1);
    } finally {
      log.stop();
    }
  }

  /** A copy holds the log behind its snapshot, for as long as it takes. */
  @Test
  void showsWhatTheSlotOfACopyHolds() throws InterruptedException {
    try (LogRecorder log = LogRecorder.started();
        Scenario scenario = scenario()) {
      scenario.source().execute("insert into users(name, age) values ('copied', 1)");
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      Hold unused = hold.awaitReached();
      String users = "pgetl_sync_it_" + scenario.tableId("users");
      awaitCopySlot(scenario, slot -> slot.wal() == SlotStatus.Wal.RESERVED);
      while (log.lines("replication slot " + users + " is about to be lost").isEmpty()) {
        scenario.source().execute(FILLER);
      }
      awaitCopySlot(scenario, slot -> slot.heldBytes() > 64 << 20);
      hold.release();
      scenario.awaitReady();
      await().until(() -> users(scenario).slot().isEmpty());
    }
  }

  private static TableStatus users(Scenario scenario) {
    return Objects.requireNonNull(
        scenario.pipeline().status().tables().get(scenario.tableId("users")));
  }

  private static void awaitCopySlot(Scenario scenario, Predicate<SlotStatus> wanted) {
    await().until(() -> users(scenario).slot().filter(wanted).isPresent());
  }

  @Test
  void withoutALimitNothingIsInDanger() throws InterruptedException {
    CLUSTER.set("max_slot_wal_keep_size", "-1");
    try (Scenario scenario = scenario().start().awaitReady()) {
      awaitSlot(scenario, slot -> slot.safeBytes().equals(OptionalLong.empty()));
      assertThat(scenario.pipeline().status().stream().slot().orElseThrow().wal())
          .isEqualTo(SlotStatus.Wal.RESERVED);
    } finally {
      CLUSTER.set("max_slot_wal_keep_size", "128MB");
    }
  }

  private static long warnings(LogRecorder log) {
    return log.lines("replication slot pgetl_apply_it is about to be lost").size();
  }

  private static void writeUntil(Scenario scenario, Predicate<SlotStatus> wanted) {
    await()
        .atMost(Scenario.PATIENCE)
        .until(
            () -> {
              scenario.source().execute(FILLER);
              return isSlot(scenario, wanted);
            });
  }

  private static void awaitSlot(Scenario scenario, Predicate<SlotStatus> wanted) {
    await().atMost(Scenario.PATIENCE).until(() -> isSlot(scenario, wanted));
  }

  private static boolean isSlot(Scenario scenario, Predicate<SlotStatus> wanted) {
    return scenario.pipeline().status().stream().slot().filter(wanted).isPresent();
  }
}
