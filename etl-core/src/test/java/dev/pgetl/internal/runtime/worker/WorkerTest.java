package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.TableName;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class WorkerTest {
  private static final TableName NAME = new TableName("public", "orders");

  private final AtomicReference<@Nullable Throwable> unexpected = new AtomicReference<>();
  private final AtomicReference<@Nullable Map<String, String>> seen = new AtomicReference<>();
  private final AtomicReference<@Nullable Map<String, String>> afterwards = new AtomicReference<>();
  private final Worker.Factory workers =
      new Worker.Factory("shop", new WatchedThreads(), this::rememberUnexpected);

  @AfterEach
  void cleanUp() {
    MDC.clear();
  }

  /** Its threads record their MDC when the worker's job is over. */
  private final class WatchedThreads implements Platform {
    @Override
    public Thread newThread(Runnable job) {
      return new Thread(
          () -> {
            MDC.put("mine", "kept");
            job.run();
            afterwards.set(MDC.getCopyOfContextMap());
          });
    }

    @Override
    public long nanos() {
      return Platform.jvm().nanos();
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
    public RandomGenerator random() {
      return Platform.jvm().random();
    }
  }

  private void rememberUnexpected(Throwable failure) {
    seen.set(MDC.getCopyOfContextMap());
    unexpected.set(failure);
  }

  private void run(Worker.Factory factory, Worker.Job job) throws InterruptedException {
    AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    factory
        .start(
            "sync-7",
            () -> {
              thread.set(Thread.currentThread());
              job.run();
            })
        .awaitUninterruptibly();
    Objects.requireNonNull(thread.get()).join();
  }

  @Test
  void itsLinesNamePipelineWorkerAndTable() throws InterruptedException {
    run(workers.of(NAME), () -> seen.set(MDC.getCopyOfContextMap()));

    assertThat(seen.get())
        .containsOnly(
            Map.entry("mine", "kept"),
            Map.entry("pipeline", "shop"),
            Map.entry("worker", "sync-7"),
            Map.entry("table", "public.orders"));
  }

  @Test
  void aWorkerOfNoTableNamesNone() throws InterruptedException {
    run(workers, () -> seen.set(MDC.getCopyOfContextMap()));

    assertThat(seen.get()).containsOnlyKeys("mine", "pipeline", "worker");
  }

  @Test
  void leavesNothingOnTheThread() throws InterruptedException {
    run(workers.of(NAME), () -> {});

    assertThat(afterwards.get()).isEqualTo(Map.of("mine", "kept"));
  }

  @Test
  void whatItThrowsIsReportedUnderItsName() throws InterruptedException {
    IllegalStateException failure = new IllegalStateException("test");
    run(
        workers.of(NAME),
        () -> {
          throw failure;
        });

    assertThat(unexpected.get()).isSameAs(failure);
    assertThat(seen.get())
        .containsEntry("table", "public.orders")
        .containsEntry("worker", "sync-7");
    assertThat(afterwards.get()).isEqualTo(Map.of("mine", "kept"));
  }

  @Test
  void anInterruptedJobEndsQuietly() throws InterruptedException {
    Worker worker = workers.start("sync-7", new CountDownLatch(1)::await);
    assertThat(worker.await(0)).isFalse();

    worker.interrupt();

    assertThat(worker.await(TimeUnit.SECONDS.toNanos(30))).isTrue();
    assertThat(unexpected.get()).isNull();
  }

  @Test
  void aLineAboutATableKeepsTheRestOfTheContext() {
    LogContext worker = LogContext.enter("shop", "apply", null);
    LogContext table = LogContext.enter(NAME);
    assertThat(MDC.getCopyOfContextMap()).containsOnlyKeys("pipeline", "worker", "table");

    table.leave();
    assertThat(MDC.getCopyOfContextMap()).containsOnlyKeys("pipeline", "worker");

    worker.leave();
    assertThat(MDC.get("pipeline")).isNull();
  }
}
