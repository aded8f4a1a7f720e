package dev.pgetl.it.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.error.EtlException;
import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.PostgresCluster;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A server that is not made for pipelines, and what the first start says of it. */
class ServerAdviceIT {
  private static final Pattern RAISE = Pattern.compile("Raise (max_\\w+)");

  @Test
  void settingsThatAreChangedAsAdvisedAreEnough() throws InterruptedException {
    try (PostgresCluster cluster =
            PostgresCluster.builder()
                .set("wal_level", "replica")
                .set("max_replication_slots", "1")
                .set("max_wal_senders", "1")
                .start();
        Scenario scenario = Scenario.on(cluster.createDatabase())) {
      scenario
          .source()
          .execute(Scenario.USERS_AND_ORDERS + "insert into users(name, age) values ('a', 1)");
      EtlException failure = catchThrowableOfType(EtlException.class, scenario::start);
      scenario.source().execute(Advice.sql(failure.fix()));
      List<String> scarce =
          RAISE.matcher(failure.fix()).results().map(result -> result.group(1)).toList();
      assertThat(scarce).containsExactly("max_replication_slots", "max_wal_senders");
      scarce.forEach(setting -> cluster.set(setting, "10"));
      cluster.restart(PostgresCluster.StopMode.FAST);

      scenario.start().awaitReady();
      scenario.source().execute("insert into users(name, age) values ('b', 2)");
      scenario.awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "users", "orders", "sentinel");
    }
  }
}
