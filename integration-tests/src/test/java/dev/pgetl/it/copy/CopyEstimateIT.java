package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.copy.SnapshotCopier;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.CopyStatus;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How long copies take, with a destination that takes so many rows in a second: it moves the
 * engine's clock, so the time is known, and a test need not wait for it.
 */
class CopyEstimateIT {
  private static final double WITHIN = 0.2;
  private static final Duration WHOLE = Duration.ofMinutes(10);
  private static final int AHEAD = 2_000;
  private static final List<Integer> PERCENT = List.of(10, 30, 50, 90);

  /** Rows of 300 to 700 bytes, never analyzed, or with statistics that are wrong. */
  private static final String TABLE =
      """
      create table %1$s(id int primary key, v text) with (autovacuum_enabled = off);
      insert into %1$s select i, repeat('x', 300 + i * 7919 %% 400) from generate_series(1, %2$d) i;
      """;

  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final Clock clock = new Clock();
  private final Slow destination = new Slow();

  /** The clock of the JVM, and the time that the destination needs. */
  private static final class Clock implements Platform {
    private final AtomicLong more = new AtomicLong();

    @Override
    public long nanos() {
      return Platform.jvm().nanos() + more.get();
    }

    @Override
    public Instant instant() {
      return Platform.jvm().instant();
    }

    @Override
    public Lock newLock() {
      return Platform.jvm().newLock();
    }

    @Override
    public Thread newThread(Runnable body) {
      return Platform.jvm().newThread(body);
    }

    @Override
    public RandomGenerator random() {
      return Platform.jvm().random();
    }
  }

  /** What the engine said at a moment. */
  private record Said(long nanos, CopyStatus status) {}

  /** Takes the rows of one table at a time, and of each in turn. */
  private final class Slow implements Destination {
    private final Lock turn = new ReentrantLock(true);
    private final Condition taken = turn.newCondition();
    private final Map<Integer, Said> said = new TreeMap<>();
    private final Map<String, Integer> left = new HashMap<>();
    private final Map<String, Integer> turns = new HashMap<>();
    private long total;
    private long rows;
    private @Nullable PipelineEngine engine;

    /** The rows of a table wait for those of the other: time passes by rows only. */
    private volatile CountDownLatch together = new CountDownLatch(0);

    private final Set<TableId> arrived = ConcurrentHashMap.newKeySet();

    @Override
    public void truncateTable(TableSchema table) {}

    private void awaitOthers(TableId table) {
      if (arrived.add(table)) {
        together.countDown();
      }
      try {
        assertThat(together.await(1, TimeUnit.MINUTES)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> some) {
      awaitOthers(table.id());
      turn.lock();
      try {
        awaitTurn(table.name().name());
        for (int percent : PERCENT) {
          if (rows * 100 >= total * percent) {
            said.computeIfAbsent(percent, at -> say());
          }
        }
        rows += some.size();
        turns.merge(table.name().name(), some.size(), Integer::sum);
        left.merge(table.name().name(), -some.size(), Integer::sum);
        taken.signalAll();
        long unused = clock.more.addAndGet(WHOLE.toNanos() / total * some.size());
        return WriteResult.DURABLE;
      } finally {
        turn.unlock();
      }
    }

    /** No table gets far ahead of another one, whichever thread the machine prefers. */
    private void awaitTurn(String table) {
      turns.computeIfAbsent(table, begins -> leastOfOthers(begins).orElse(0));
      while (leastOfOthers(table).orElse(Integer.MAX_VALUE)
          < turns.getOrDefault(table, 0) - AHEAD) {
        taken.awaitUninterruptibly();
      }
    }

    private OptionalInt leastOfOthers(String table) {
      return turns.entrySet().stream()
          .filter(
              other -> !other.getKey().equals(table) && left.getOrDefault(other.getKey(), 0) > 0)
          .mapToInt(Map.Entry::getValue)
          .min();
    }

    private Said say() {
      return new Said(clock.nanos(), Objects.requireNonNull(engine).status().copies());
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      return WriteResult.DURABLE;
    }
  }

  @AfterEach
  void close() {
    database.close();
  }

  /** Copies all tables, and compares what was said with what came. */
  private void copy(int workers, int connections) throws InterruptedException {
    PgConnectionConfig connection =
        database.connection().walSenderTimeout(Duration.ofHours(1)).build();
    PipelineConfig config =
        PipelineConfig.builder("it", "pub", connection)
            .maxTableSyncWorkers(workers)
            .maxCopyConnectionsPerTable(connections)
            .batch(BatchConfig.builder().maxSize(1_000).build())
            .build();
    SourceDatabase source = new SourceDatabase(connection, "it", clock);
    try (MemoryStore store = new MemoryStore()) {
      PipelineEngine engine =
          new PipelineEngine(
              new PipelineContext(
                  config,
                  store,
                  destination,
                  PipelineListener.NONE,
                  source,
                  () -> new SnapshotCopier(source),
                  clock));
      destination.engine = engine;
      long begun = clock.nanos();
      engine.start();
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> destination.rows == destination.total && left(engine) == 0);
      long end = clock.nanos();
      destination.said.forEach((percent, said) -> compare(percent, said, begun, end));
      assertThat(destination.said).containsOnlyKeys(PERCENT);
      assertWholeIsKnown(engine.status().copies());
      engine.close();
    }
  }

  private static int left(PipelineEngine engine) {
    return engine.status().copies().tablesLeft();
  }

  private void compare(int percent, Said said, long begun, long end) {
    CopyStatus status = said.status();
    assertThat((double) status.expectedRows() / destination.total)
        .as("rows at %d %%: %s", percent, status)
        .isCloseTo(1, within(WITHIN));
    double left = status.remaining().orElse(Duration.ZERO).toNanos();
    assertThat((said.nanos() - begun + left) / (end - begun))
        .as("time at %d %%: %s", percent, status)
        .isCloseTo(1, within(WITHIN));
  }

  private void assertWholeIsKnown(CopyStatus copied) {
    assertThat(copied.copiedRows()).isEqualTo(destination.total);
    assertThat(copied.expectedRows()).isEqualTo(destination.total);
    assertThat(copied.copiedBytes()).isEqualTo(copied.expectedBytes()).isPositive();
    assertThat(copied.remaining()).contains(Duration.ZERO);
  }

  private void create(String table, int rows) {
    database.execute(TABLE.formatted(table, rows));
    destination.total += rows;
    destination.left.put(table, rows);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void ofOneTableThatWasNeverAnalyzed(int connections) throws InterruptedException {
    create("t", 120_000);
    database.execute("create publication pub for table t");

    copy(2, connections);
  }

  /**
   * Small tables are there only if they need not wait for the calls of large ones: how long that
   * takes is not estimated.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void ofTablesWhoseStatisticsAreWrong(int workers) throws InterruptedException {
    for (int table = 1; table <= 4; table++) {
      create("t" + table, 40_000 + 5_000 * table);
    }
    destination.together = new CountDownLatch(workers == 1 ? 1 : 2);
    for (int table = 1; table <= (workers == 1 ? 20 : 0); table++) {
      create("small" + table, 100);
    }
    database.execute(
        """
        analyze;
        update pg_class set reltuples = reltuples * 10 where relname ~ '^t[0-9]';
        create publication pub for all tables;
        """);

    copy(workers, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void ofATableOfWhichOnlySomeRowsArePublished(int connections) throws InterruptedException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    create("t", 120_000);
    database.execute("create publication pub for table t where (id % 4 = 0)");
    destination.total /= 4;

    copy(2, connections);
  }
}
