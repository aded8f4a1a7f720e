package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.testkit.destination.Call;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** S84: how large the destination's calls are, and what they may keep in memory. */
class BatchingIT {
  private static final int MIB = 1 << 20;
  private static final Duration FILL = Duration.ofSeconds(3);
  private static final BatchConfig FILLED =
      BatchConfig.builder().maxBytes(MIB).maxFill(FILL).build();

  private final List<Long> writes = new CopyOnWriteArrayList<>();

  /** S84: five small transactions and then silence are one write, within twice the fill time. */
  @Test
  void gathersSmallTransactionsUntilTheFillTimeIsOver() throws InterruptedException {
    try (Scenario scenario = filling().start().awaitReady()) {
      long begin = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        scenario.source().execute("insert into users(name, age) values ('small', 1)");
        Lsn committed = scenario.source().currentLsn();
        await("it was read, so that it could go alone")
            .pollInterval(Duration.ofMillis(5))
            .until(() -> !scenario.pipeline().status().stream().receivedLsn().isBefore(committed));
      }
      scenario.destination().awaitChanges("users", 5);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(FILL.multipliedBy(2));
      assertThat(scenario.destination().calls(Operation.EVENTS))
          .singleElement()
          .satisfies(call -> assertThat(call.events()).hasSizeGreaterThanOrEqualTo(5 * 3));
    }
  }

  /** S84: under steady load a write is as large as it may be. */
  @Test
  void fillsWritesUnderLoad() throws InterruptedException {
    try (Scenario scenario = filling().start().awaitReady()) {
      String tenTransactions =
          "insert into users(name, age) select repeat('n', 200), g from generate_series(1, 250) g;\n"
              .repeat(10);
      for (int i = 0; i < 12; i++) {
        scenario.source().execute(tenTransactions);
      }
      scenario.awaitApplied();
      assertThat(scenario.destination().changes("users")).hasSize(30_000);
      assertThat(writes)
          .hasSizeGreaterThan(5)
          .allSatisfy(bytes -> assertThat(bytes).isLessThan(MIB + 10_000L));
      assertThat(writes.subList(0, writes.size() - 1))
          .filteredOn(bytes -> bytes > MIB * 9L / 10)
          .as("writes near the limit, of %s", writes)
          .hasSizeGreaterThan((writes.size() - 1) * 3 / 4);
      DeliveryAssert.assertThat(scenario.destination()).deliveredOnceInOrder();
    }
  }

  /** S84: what is not published moves the position, and makes no write. */
  @Test
  void writesNothingWhenThereIsNothing() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS + "create table other(id int);")
            .start()
            .awaitReady()) {
      for (int i = 0; i < 3; i++) {
        scenario.source().execute("insert into other select generate_series(1, 100)");
        scenario.awaitApplied();
      }
      assertThat(scenario.destination().calls(Operation.EVENTS)).isEmpty();
      assertThat(scenario.destination().calls(Operation.FLUSH)).isEmpty();
    }
  }

  /** S84: eight tables being copied share one budget, and give it back. */
  @Test
  void sharesTheBudgetBetweenCopies() throws InterruptedException {
    int tables = 8;
    long perCopy = 4 * 64 * 1024; // what each may have without room for it
    try (Scenario scenario =
        Scenario.with(wideTables(tables))
            .options(
                builder ->
                    builder
                        .batch(BatchConfig.builder().maxBytes(MIB / 2).build())
                        .maxBufferedBytes(MIB)
                        .maxTableSyncWorkers(tables)
                        .maxCopyConnectionsPerTable(1))) {
      List<Hold> holds =
          IntStream.range(0, tables)
              .mapToObj(i -> scenario.destination().on(Operation.ROWS).of("wide" + i).hold())
              .toList();
      scenario.start();
      holds.forEach(Hold::awaitReached);
      await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(5))
          .until(
              () -> scenario.pipeline().status().bufferedBytes(),
              bytes -> bytes > 0 && bytes <= MIB + tables * perCopy);
      holds.forEach(Hold::release);
      scenario.awaitReady();
      assertThat(scenario.pipeline().status().bufferedBytes()).isLessThanOrEqualTo(64 * 1024);
      String[] names = IntStream.range(0, tables).mapToObj(i -> "wide" + i).toArray(String[]::new);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), names);
      assertThat(scenario.destination().calls(Operation.ROWS))
          .extracting(Call::rows)
          .allSatisfy(rows -> assertThat(rows).hasSizeLessThan(MIB / 2 / 500));
    }
  }

  private static String wideTables(int count) {
    StringBuilder sql = new StringBuilder();
    for (int i = 0; i < count; i++) {
      sql.append(
          "create table wide%1$d(id int primary key, v text); insert into wide%1$d select g, repeat('v', 500) from generate_series(1, 2000) g;\n"
              .formatted(i));
    }
    return sql + "create publication pub for all tables;";
  }

  private Scenario filling() {
    return Scenario.with(Scenario.USERS_AND_ORDERS)
        .options(builder -> builder.batch(FILLED))
        .listener(
            new PipelineListener() {
              @Override
              public void onEventsDelivered(int events, long bytes, Duration took) {
                writes.add(bytes);
              }
            });
  }
}
