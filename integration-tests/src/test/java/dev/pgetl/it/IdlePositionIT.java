package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A pipeline that has nothing to deliver lets the server throw its WAL away. */
class IdlePositionIT {
  private static final String SLOT = "pgetl_apply_it";

  /** Some 8 MiB of WAL in one table, in several transactions. */
  private static final String FILL =
      "insert into filler select repeat('x', 1000) from generate_series(1, 2000);\n".repeat(4);

  @Test
  void trafficInOtherTablesIsConfirmed() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS + "create table filler(x text);\n")
            .start()
            .awaitReady()) {
      int writes = scenario.destination().calls(Operation.EVENTS).size();
      scenario.source().execute(FILL);
      awaitConfirmed(scenario, scenario.source().currentLsn());

      assertThat(scenario.destination().calls(Operation.EVENTS)).hasSize(writes);
      assertThat(scenario.store().getReplicationProgress(SLOT).orElseThrow().flushedLsn())
          .as("the store hears of it first")
          .isGreaterThanOrEqualTo(scenario.source().slot(SLOT).confirmed());
    }
  }

  @Test
  void trafficInOtherDatabasesIsConfirmed() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady();
        TestDatabase other = TestPostgres.shared().createDatabase()) {
      other.execute("create table filler(x text);\n" + FILL);
      awaitConfirmed(scenario, other.currentLsn());
    }
  }

  /** Whoever waits for a position makes the stream ask for it; nobody waits any longer. */
  @Test
  void nobodyAsksForAPositionThatWasGivenUp() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .connection(builder -> builder.statusInterval(Duration.ofSeconds(10)))
            .start()
            .awaitReady()) {
      Lsn unreachable = scenario.source().currentLsn().plus(1L << 40);
      assertThat(scenario.pipeline().awaitApplied(unreachable, Duration.ofMillis(300))).isFalse();

      await("the server hears nothing for a while")
          .atMost(Scenario.PATIENCE)
          .until(() -> silentSince(scenario).compareTo(Duration.ofSeconds(1)) > 0);
    }
  }

  /** {@return how long ago the main stream told the server something} */
  private static Duration silentSince(Scenario scenario) {
    return Duration.ofMillis(
        Long.parseLong(
            scenario
                .source()
                .value(
                    "select (extract(epoch from clock_timestamp() - reply_time) * 1000)::bigint::text"
                        + " from pg_stat_replication where application_name = 'pgetl/it/apply'"
                        + " and pid = (select active_pid from pg_replication_slots where slot_name = '"
                        + SLOT
                        + "')")));
  }

  /** Almost: the last megabyte may wait for half a minute. */
  private static void awaitConfirmed(Scenario scenario, Lsn position) {
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.source().slot(SLOT).confirmed().plus(1 << 20).isAfter(position));
  }
}
