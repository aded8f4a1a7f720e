package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.CopyLimit;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.it.Scenario;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.testkit.destination.Operation;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Copies read no faster than they may, and the limit can be changed meanwhile. */
class CopyLimitIT {
  private static final int ROWS = 50_000;
  private static final int SMALL_TABLES = 20;

  private static final String LARGE =
      """
      create table t(id int primary key, v text);
      insert into t select i, repeat('x', 100) from generate_series(1, %d) i;
      create publication pub for table t;
      """
          .formatted(ROWS);

  private static String small() {
    return IntStream.range(0, SMALL_TABLES)
        .mapToObj(
            "create table s%1$d(id int primary key); insert into s%1$d values (1);\n"::formatted)
        .collect(Collectors.joining("", "", "create publication pub for all tables"));
  }

  private static Scenario limited(String sql, CopyLimit limit) {
    return Scenario.with(sql)
        .options(builder -> builder.tableCopy(TableCopyConfig.all().limitedTo(limit)));
  }

  @Test
  void aCopyWaitsUntilTheLimitIsLifted() throws InterruptedException {
    CopyLimit limit = CopyLimit.ofBytesPerSecond(1);
    try (Scenario scenario = limited(LARGE, limit)) {
      scenario.start();
      scenario.awaitPhase("t", DataSync.class);

      assertThat(scenario.pipeline().awaitReady(Duration.ofMillis(500))).isFalse();
      assertThat(scenario.destination().copiedRows("t")).hasSizeLessThan(10);
      limit.bytesPerSecond(0);

      scenario.awaitReady();
      assertThat(scenario.destination().copiedRows("t")).hasSize(ROWS);
    }
  }

  /** Their rows are here, and wait. */
  @Test
  void smallTablesWaitAsWell() throws InterruptedException {
    CopyLimit limit = CopyLimit.ofBytesPerSecond(1);
    try (Scenario scenario = limited(small(), limit)) {
      scenario.start();

      assertThat(scenario.pipeline().awaitReady(Duration.ofMillis(500))).isFalse();
      assertThat(scenario.phase("s1")).isInstanceOf(Init.class);
      assertThat(scenario.destination().calls(Operation.ROWS)).isEmpty();
      limit.bytesPerSecond(1 << 20);

      scenario.awaitReady();
      assertThat(scenario.destination().copiedRows("s1")).hasSize(1);
    }
  }

  @Test
  void aCopyThatWaitsEndsWithItsPipeline() throws InterruptedException {
    try (Scenario scenario = limited(LARGE, CopyLimit.ofBytesPerSecond(1))) {
      scenario.start();
      await().until(() -> scenario.phase("t") instanceof DataSync);

      scenario.stop();

      assertThat(scenario.phase("t")).isInstanceOf(DataSync.class);
    }
  }
}
