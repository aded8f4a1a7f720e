package dev.pgetl.internal.runtime.table;

import static dev.pgetl.internal.decode.StreamTables.NOT_OURS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.FenceLost;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No interleaving of the apply worker and the sync workers loses or repeats a change. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandOverProperties {
  private static final int TABLES = 3;
  private static final int TRANSACTIONS = 200;

  @Test
  void everyChangeReachesItsTableOnceAndInOrder() throws Exception {
    RandomRuns.repeat(2_000, random -> new HandOverSimulation(random, 10, 1).run(300));
  }

  /**
   * However slow the destination is: the apply worker waits for at most 50 ticks the first time.
   */
  @Test
  void everyTableIsHandedOverUnderLoad() throws Exception {
    RandomRuns.repeat(
        100,
        random -> {
          int stepsPerCall = random.nextInt(200);
          HandOverSimulation simulation = new HandOverSimulation(random, stepsPerCall, 10);
          simulation.runUnderLoad(1_000 + 30 * stepsPerCall);
          assertThat(simulation.waits()).isLessThan(20 * stepsPerCall + 50);
        });
  }

  /** Transaction {@code n} is committed at {@code n} and changes every table. */
  @Test
  void itIsSoWithThreads() throws Exception {
    RandomRuns.repeat(
        200,
        random -> {
          Tables tables = new Tables(new FakeStateStore(), PipelineListener.NONE, Platform.jvm());
          AtomicInteger written = new AtomicInteger(1);
          List<List<Integer>> received = new ArrayList<>();
          List<FutureTask<?>> streams = new ArrayList<>();
          for (int i = 1; i <= TABLES; i++) {
            List<Integer> rows = new ArrayList<>(); // each change happens before the next
            received.add(rows);
            TableId id = new TableId(i);
            tables.known(id, new TableName("public", "t" + i), new FinishedCopy());
            RandomGenerator pace = new SplittableRandom(random.nextLong());
            streams.add(start(() -> syncWorker(tables, id, written, rows, pace)));
          }
          RandomGenerator pace = new SplittableRandom(random.nextLong());
          streams.add(start(() -> applyWorker(tables, written, received, pace)));

          while (written.get() <= TRANSACTIONS) {
            pause(random);
            written.incrementAndGet();
          }

          for (FutureTask<?> stream : streams) {
            stream.get(1, TimeUnit.MINUTES);
          }
          List<Integer> all = IntStream.rangeClosed(1, TRANSACTIONS).boxed().toList();
          assertThat(received).allSatisfy(rows -> assertThat(rows).isEqualTo(all));
        });
  }

  private static FutureTask<?> start(Stream stream) {
    FutureTask<?> task =
        new FutureTask<>(
            () -> {
              stream.run();
              return null;
            });
    Thread thread = new Thread(task, "stream");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private interface Stream {
    void run() throws InterruptedException;
  }

  @SuppressWarnings("ThreadPriorityCheck") // shuffles the threads
  private static void pause(RandomGenerator random) {
    for (int i = random.nextInt(8); i > 0; i--) {
      Thread.yield();
    }
  }

  private static void syncWorker(
      Tables tables, TableId id, AtomicInteger written, List<Integer> rows, RandomGenerator pace) {
    Table table = Objects.requireNonNull(tables.find(id));
    int next = 1;
    Lsn fence = null;
    while (true) {
      pause(pace);
      if (next < written.get()) {
        rows.add(next++);
      }
      Lsn position = new Lsn(next);
      if (fence == null && pace.nextInt(20) == 0) {
        table.move(new CaughtUp(position));
        fence = table.meet(() -> {});
        table.move(new FenceSet(fence));
      }
      if (fence != null && !position.isBefore(fence)) {
        if (table.agree(position)) {
          table.move(new HandedOver(position));
          return;
        }
        table.move(new FenceLost());
        fence = null;
      }
    }
  }

  private static void applyWorker(
      Tables tables, AtomicInteger written, List<List<Integer>> received, RandomGenerator pace)
      throws InterruptedException {
    tables.startAt(new Lsn(1));
    int next = 1;
    while (next <= TRANSACTIONS) {
      pause(pace);
      if (next < written.get()) {
        tables.begin(new Lsn(next));
        for (int i = 1; i <= TABLES; i++) {
          Table table = Objects.requireNonNull(tables.find(new TableId(i)));
          if (table.generation(new Lsn(next), () -> isPatient(table, pace)) != NOT_OURS) {
            received.get(i - 1).add(next);
          }
        }
        next++;
      }
    }
  }

  private static boolean isPatient(Table table, RandomGenerator pace) {
    if (pace.nextInt(4) == 0) {
      table.withdraw();
    }
    return true;
  }
}
