package dev.pgetl.it.failing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A database of many small tables that a pipeline copies, some with a failure. The first tables are
 * {@code Ready} before the others are published. Owned by the test's thread.
 */
final class FailingTables implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final TestDatabase source;
  private final Layout layout;
  private final String role;
  private final Map<Integer, TableId> ids = new HashMap<>();
  private final MemoryStore store = new MemoryStore();
  private final FailingDestination destination;
  private final PipelineConfig config;

  /**
   * Creates the tables.
   *
   * @param retryDelay before the first retry of a table
   */
  FailingTables(TestDatabase source, Layout layout, Duration retryDelay) {
    this.source = source;
    this.layout = layout;
    this.role = "failing_" + source.name();
    source.execute(
        "create role %1$s login replication password 'failing'; grant all on schema public to %1$s;"
                .formatted(role)
            + layout.sql(role));
    source
        .query("select substr(relname, 2), oid from pg_class where relname ~ '^t[0-9]+$'")
        .forEach(row -> ids.put((int) number(row.get(0)), new TableId(number(row.get(1)))));
    Map<Long, Way> ways = new HashMap<>();
    layout.ways().forEach((table, way) -> ways.put(id(table).oid(), way));
    this.destination = new FailingDestination(ways, id(Layout.EARLY));
    this.config =
        PipelineConfig.builder(
                "failing", "pub", source.connection().username(role).password("failing").build())
            .publicationRefreshInterval(Duration.ofSeconds(1))
            .tableErrorRetryDelay(retryDelay)
            .shutdownTimeout(Duration.ofSeconds(1))
            .build();
  }

  private static long number(@Nullable String text) {
    return Long.parseLong(String.valueOf(text));
  }

  private TableId id(int table) {
    TableId id = ids.get(table);
    if (id == null) {
      throw new IllegalArgumentException("no table " + table);
    }
    return id;
  }

  FailingDestination destination() {
    return destination;
  }

  // ---- the run ----

  /** The first tables are copied, by a pipeline that ends; then all are published. */
  FailingTables prepare() throws InterruptedException {
    try (Pipeline first = start()) {
      assertThat(first.awaitReady(LIMIT)).isTrue();
    }
    source.execute("alter publication pub set table " + layout.published());
    for (int table = 0; table < Layout.EARLY; table++) {
      destination.measure(id(table));
    }
    return this;
  }

  /** {@return a pipeline that runs} */
  Pipeline start() {
    Pipeline pipeline = Pipeline.create(config, store, destination);
    pipeline.start();
    return pipeline;
  }

  /** Tables are dropped, renamed and altered once copies have begun. */
  void disturb() throws InterruptedException {
    destination.begun().await();
    layout.of(Way.DROPPED).forEach(table -> source.execute("drop table t" + table));
    layout
        .of(Way.RENAMED)
        .forEach(table -> source.execute("alter table t%1$d rename to r%1$d".formatted(table)));
    layout
        .of(Way.ALTERED)
        .forEach(table -> source.execute("alter table t" + table + " add column more text"));
  }

  /** A row is inserted into each table whose changes are refused. */
  void change() {
    layout
        .of(Way.EVENTS_REFUSED)
        .forEach(table -> source.execute("insert into t" + table + "(at) values (0)"));
  }

  /** Waits until some tables are {@code Ready}. */
  void awaitReady(Pipeline pipeline, List<Integer> tables) {
    await("those that do not fail")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              Map<TableId, TableStatus> now = pipeline.status().tables();
              return tables.stream().allMatch(table -> isReady(now.get(id(table))));
            });
  }

  private static boolean isReady(@Nullable TableStatus status) {
    return status != null && status.phase() instanceof Ready;
  }

  /** Waits until the status names each table that fails, and those that recover have recovered. */
  void awaitNamed(Pipeline pipeline) {
    await("every failure is named")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> assertThat(unnamed(pipeline)).isEmpty());
  }

  /** {@return the failing tables whose status does not say why} */
  Map<Integer, String> unnamed(Pipeline pipeline) {
    Map<TableId, TableStatus> now = pipeline.status().tables();
    Map<Integer, String> unnamed = new TreeMap<>();
    layout
        .ways()
        .forEach(
            (table, way) -> {
              TableStatus status = now.get(id(table));
              if (!isNamed(way, status)) {
                unnamed.put(table, way + " " + status);
              }
            });
    return unnamed;
  }

  private static boolean isNamed(Way way, @Nullable TableStatus status) {
    if (way == Way.DROPPED || status == null) {
      return way == Way.DROPPED && status == null;
    }
    if (way.recovers()) {
      return isReady(status);
    }
    boolean failed = status.phase() instanceof Errored errored && !errored.reason().isEmpty();
    return failed || status.failure().map(FailureStatus::message).isPresent();
  }

  @Override
  public void close() {
    destination.end();
    store.close();
    source.execute("drop owned by %1$s; drop role %1$s".formatted(role));
  }
}
