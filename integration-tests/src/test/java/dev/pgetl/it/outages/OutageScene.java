package dev.pgetl.it.outages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.PipelineRunner;
import dev.pgetl.RunStatus;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.CopyLimit;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.destination.postgres.PostgresDestination;
import dev.pgetl.destination.postgres.PostgresDestinationBuilder;
import dev.pgetl.it.Scenario;
import dev.pgetl.it.outages.Outage.Fault;
import dev.pgetl.it.outages.Outage.Phase;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A runner with one pipeline from one database to another, its store in a third, each behind a
 * proxy.
 */
final class OutageScene implements AutoCloseable {
  private static final AtomicInteger SCENES = new AtomicInteger();
  private static final long SLOW_COPY = 600_000;
  private static final int BATCH_BYTES = 128 << 10;
  private static final Duration LONG_ENOUGH_SLOW = Duration.ofSeconds(2);

  private final String id = "outage" + SCENES.incrementAndGet();
  private final Outage outage;
  private final Limits limits;
  private final TestPostgres server = TestPostgres.shared();
  private final TestDatabase source = server.createDatabase();
  private final TestDatabase target;
  private final TestDatabase store;
  private final Map<Outage.Party, TcpProxy> proxies = new EnumMap<>(Outage.Party.class);
  private final CopyLimit copyLimit = CopyLimit.ofBytesPerSecond(0);
  private final PipelineRunner runner;

  /**
   * Creates a scene that has not begun.
   *
   * @param target where the tables go, in a schema of the scene's own
   * @param store of many pipelines
   */
  OutageScene(Outage outage, Limits limits, TestDatabase target, TestDatabase store) {
    this.target = target;
    this.store = store;
    this.outage = outage;
    this.limits = limits;
    source.execute(ChangingRows.TABLES);
    for (Outage.Party party : Outage.Party.values()) {
      proxies.put(party, TcpProxy.to(server.host(), server.port()));
    }
    runner =
        PipelineRunner.builder()
            .pipeline(config(), this::newStore, this::newDestination)
            .restartDelay(limits.firstRestart(), limits.restart())
            .build();
  }

  private TcpProxy proxy(Outage.Party party) {
    return Objects.requireNonNull(proxies.get(party));
  }

  private PgConnectionConfig through(TestDatabase database, Outage.Party party) {
    return limits.connection(database.connection().port(proxy(party).port()));
  }

  private PipelineConfig config() {
    PipelineConfig.Builder builder =
        PipelineConfig.builder(id, "pub", through(source, Outage.Party.SOURCE))
            .batch(BatchConfig.builder().maxBytes(BATCH_BYTES).build())
            .maxCopyConnectionsPerTable(1)
            .tableCopy(TableCopyConfig.all().limitedTo(copyLimit));
    return limits.pipeline(builder, outage).build();
  }

  private MemoryStore newStore() {
    PostgresLayer.Builder layer = PostgresLayer.builder(through(store, Outage.Party.STORE), id);
    return new MemoryStore(limits.layer(layer).build());
  }

  private PostgresDestination newDestination() {
    PostgresDestinationBuilder builder =
        PostgresDestination.builder(through(target, Outage.Party.DESTINATION), id)
            .tableNames(name -> new TableName(id, name.name()));
    return limits.destination(builder).build();
  }

  private RunStatus status() {
    return runner.status(id);
  }

  /** {@return what was seen} */
  Finding run() throws InterruptedException {
    TcpProxy proxy = proxy(outage.party());
    try (ChangingRows writer = new ChangingRows(source).start()) {
      awaitPhase();
      int starts = status().starts();
      try (HealthLog log = new HealthLog(this::status, limits.stall())) {
        outage.begin(proxy);
        awaitReported(log, starts);
        outage.end(proxy);
        long begin = System.nanoTime();
        copyLimit.bytesPerSecond(0);
        writer.close();
        awaitAsBefore();
        Duration healed = Duration.ofNanos(System.nanoTime() - begin);
        return finding(log, status().starts() - starts, healed);
      }
    }
  }

  private void awaitPhase() throws InterruptedException {
    copyLimit.bytesPerSecond(outage.phase() == Phase.COPYING ? SLOW_COPY : 0);
    runner.start();
    if (outage.phase() == Phase.COPYING) {
      await().atMost(Scenario.PATIENCE).until(this::isCopying);
    } else {
      assertThat(runner.awaitReady(Scenario.PATIENCE)).isTrue();
    }
  }

  private boolean isCopying() {
    RunStatus now = status();
    return now.health(limits.stall()).level() == Level.UP
        && now.pipeline().stream().connected()
        && now.pipeline().tables().values().stream().allMatch(OutageScene::isInPlace);
  }

  /** The small table is streamed, so that there are events, and the large one is being copied. */
  private static boolean isInPlace(TableStatus table) {
    return table.name().name().equals("big") ? table.copiedRows() > 0 : table.isReady();
  }

  private void awaitReported(HealthLog log, int starts) {
    if (outage.mayGoUnreported()) {
      long before = moved();
      await().pollDelay(LONG_ENOUGH_SLOW).until(() -> moved() > before);
      return;
    }
    await("report of " + outage).atMost(limits.reported()).until(() -> !log.answers().isEmpty());
    if (outage.fault() == Fault.GONE) {
      await("restart in " + outage)
          .atMost(limits.reported())
          .until(() -> status().starts() > starts);
    }
  }

  private long moved() {
    long rows =
        status().pipeline().tables().values().stream().mapToLong(TableStatus::copiedRows).sum();
    return rows + status().pipeline().stream().events();
  }

  private void awaitAsBefore() {
    List<?> expected = source.query(ChangingRows.digest("public"));
    await("end of " + outage)
        .atMost(limits.healed())
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () -> {
              assertThat(status().health(limits.stall()).reasons()).isEmpty();
              assertThat(status().health(limits.stall()).level()).isEqualTo(Level.UP);
              assertThat(status().pipeline().allReady()).isTrue();
              assertThat(target.query(ChangingRows.digest(id))).isEqualTo(expected);
            });
  }

  private Finding finding(HealthLog log, int starts, Duration healed) {
    List<Seen> answers = log.answers();
    assertThat(answers)
        .as("health in %s", outage)
        .allMatch(answer -> answer.health().level() == Level.DEGRADED);
    return answers.isEmpty()
        ? new Finding(outage, null, List.of(), Set.of(), log.longestWork(), starts, healed)
        : new Finding(
            outage,
            answers.get(0).after(),
            answers.get(0).health().reasons().stream().map(OutageScene::withoutTime).toList(),
            answers.get(0).places(),
            log.longestWork(),
            starts,
            healed);
  }

  private static String withoutTime(String reason) {
    return reason.replaceAll("since [0-9TZ:.-]+", "since …");
  }

  @Override
  public void close() {
    proxies.values().forEach(TcpProxy::heal);
    runner.close();
    proxies.values().forEach(TcpProxy::close);
    source.close();
  }
}
