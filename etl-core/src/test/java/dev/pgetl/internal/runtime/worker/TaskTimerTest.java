package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.platform.Platform;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskTimerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final CompletableFuture<Throwable> reported = new CompletableFuture<>();
  private final Worker.Factory workers =
      new Worker.Factory("shop", Platform.jvm(), reported::complete);
  private final TaskTimer timer = new TaskTimer("supervisor", workers);
  private final List<String> done = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    timer.stop();
  }

  /** Otherwise the publication would not be refreshed any more, and nobody would notice. */
  @Test
  void reportsATaskThatEndsWithAnError() {
    LinkageError missing = new LinkageError("missing");
    timer.later(
        Duration.ZERO,
        () -> {
          throw missing;
        });
    assertThat(reported).succeedsWithin(PATIENCE).isSameAs(missing);
  }

  @Test
  void runsTasksInTheOrderInWhichTheyAreDueOnOneThread() {
    ManualPlatform clock = new ManualPlatform(Long.MAX_VALUE - 1); // a running clock may overflow
    TaskTimer ordered =
        new TaskTimer("tables", new Worker.Factory("shop", clock, reported::complete));
    CompletableFuture<String> last = new CompletableFuture<>();
    ordered.later(Duration.ofMillis(3), () -> done.add("fourth"));
    ordered.later(Duration.ofMillis(1), () -> done.add("first"));
    ordered.later(Duration.ofMillis(2), () -> done.add("second"));
    ordered.later(Duration.ofMillis(2), () -> done.add("third"));

    clock.advance(Duration.ofMillis(5));
    ordered.later(Duration.ZERO, () -> last.complete(Thread.currentThread().getName()));

    assertThat(last).succeedsWithin(PATIENCE).isEqualTo("etl-shop-tables");
    assertThat(done).containsExactly("first", "second", "third", "fourth");
    ordered.stop();
  }

  @Test
  void aTaskDueSoonerOvertakesOneThatIsAwaited() {
    CompletableFuture<String> sooner = new CompletableFuture<>();
    timer.later(Duration.ofDays(1), () -> done.add("late"));

    timer.later(Duration.ofMillis(1), () -> sooner.complete("sooner"));

    assertThat(sooner).succeedsWithin(PATIENCE);
    assertThat(done).isEmpty();
  }

  @Test
  void stoppingDropsTheOthersAndTheTaskThatRunsMayBeInterrupted() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<String> interrupted = new CompletableFuture<>();
    timer.later(
        Duration.ZERO,
        () -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.complete("interrupted");
          }
        });
    timer.later(Duration.ZERO, () -> done.add("dropped"));
    begun.await();

    timer.stop();
    timer.later(Duration.ZERO, () -> done.add("too late"));
    assertThat(timer.await(1)).isFalse();
    assertThat(interrupted).isNotDone();
    timer.interrupt();

    assertThat(timer.await(PATIENCE.toNanos())).isTrue();
    assertThat(interrupted).succeedsWithin(PATIENCE);
    assertThat(done).isEmpty();
    assertThat(reported).isNotDone();
  }
}
