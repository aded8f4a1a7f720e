package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.forecast.WalForecast;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.PostgresCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * S84: the loss of a slot is foreseen. {@code -Dforecast.limit=1024 -Dforecast.rate=4} runs longer,
 * with another limit in megabytes and other megabytes per second.
 */
class WalForecastIT {
  private static final int LIMIT = Integer.getInteger("forecast.limit", 128);
  private static final int RATE = Integer.getInteger("forecast.rate", 2);

  /** Machines are busy at times: then a second has more or less WAL than the next. */
  private static final double WITHIN =
      Double.parseDouble(System.getProperty("forecast.within", "0.5"));

  private static final Duration LONGEST = Duration.ofSeconds(60 + 2L * LIMIT / RATE);

  @Test
  void saysWhenAHeldSlotIsLost() throws InterruptedException {
    try (PostgresCluster cluster =
            PostgresCluster.builder().set("max_slot_wal_keep_size", LIMIT + "MB").start();
        LogRecorder log = LogRecorder.started();
        Scenario scenario =
            Scenario.on(cluster.createDatabase())
                .options(it -> it.publicationRefreshInterval(Duration.ofSeconds(2)))) {
      scenario.source().execute(Scenario.USERS_AND_ORDERS + "create table filler(x text)");
      scenario.start().awaitReady();
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario.source().execute("insert into users(name, age) values ('held', 1)");
      hold.awaitReached();

      Duration seen = writeUntilForeseen(scenario);
      long since = System.nanoTime();
      writeUntilInDanger(scenario);
      double left = (System.nanoTime() - since) / 1e9;
      System.out.println("foreseen " + seen + ", then lost after " + left + " s");
      assertThat(seen.toMillis() / 1e3).isBetween(left * (1 - WITHIN), left * (1 + WITHIN) + 2);
      assertThat(log.lines("pgetl_apply_it is lost in about"))
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line).contains("It is held by the destination"));
      hold.release();
    }
  }

  private static Duration writeUntilForeseen(Scenario scenario) {
    await()
        .pollInterval(Duration.ofSeconds(1))
        .atMost(LONGEST)
        .until(
            () -> {
              write(scenario);
              return forecast(scenario).loss().timeLeft().isPresent()
                  && forecast(scenario).retainedBytes() > (long) LIMIT << 19;
            });
    return forecast(scenario).loss().timeLeft().orElseThrow();
  }

  private static void writeUntilInDanger(Scenario scenario) {
    await()
        .pollInterval(Duration.ofSeconds(1))
        .atMost(LONGEST)
        .until(
            () -> {
              write(scenario);
              return scenario.pipeline().status().stream()
                  .slot()
                  .filter(slot -> slot.wal() == SlotStatus.Wal.UNRESERVED)
                  .isPresent();
            });
  }

  private static WalForecast forecast(Scenario scenario) {
    return scenario.pipeline().status().walForecast();
  }

  private static void write(Scenario scenario) {
    scenario
        .source()
        .execute(
            "insert into filler select repeat('x', 1000) from generate_series(1, "
                + RATE * 950
                + ") g");
  }
}
