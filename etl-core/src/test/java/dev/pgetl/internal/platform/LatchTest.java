package dev.pgetl.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LatchTest {
  private final Latch latch = new Latch(Platform.jvm());

  private static Thread waiting(FutureTask<?> task) {
    Thread thread = new Thread(task, "waiting");
    thread.setDaemon(true);
    thread.start();
    await()
        .until(
            () ->
                thread.getState() == Thread.State.TIMED_WAITING
                    || thread.getState() == Thread.State.WAITING);
    return thread;
  }

  private static <T> T get(FutureTask<T> task) throws Exception {
    return task.get(30, TimeUnit.SECONDS);
  }

  private final Callable<Boolean> awaiting =
      () -> {
        return latch.await(Long.MAX_VALUE);
      };

  @Test
  void opensForAllWhoWaitAndStaysOpen() throws Exception {
    assertThat(latch.isOpen()).isFalse();
    FutureTask<Boolean> first = new FutureTask<>(awaiting);
    FutureTask<Boolean> second = new FutureTask<>(awaiting);
    Thread unused = waiting(first);
    Thread unusedToo = waiting(second);

    latch.open();
    latch.open();

    assertThat(get(first)).isTrue();
    assertThat(get(second)).isTrue();
    latch.awaitUninterruptibly();
    assertThat(latch.await(0)).isTrue();
  }

  @Test
  void waitsNoLongerThanAsked() throws InterruptedException {
    OneThreadPlatform clock = new OneThreadPlatform();
    long since = clock.nanos();
    Latch closed = new Latch(clock);

    assertThat(closed.await(1_000)).isFalse();
    assertThat(closed.await(-1)).isFalse();

    assertThat(clock.nanos() - since).isEqualTo(1_000);
  }

  @Test
  void waitingCanBeInterrupted() {
    FutureTask<Boolean> task = new FutureTask<>(awaiting);

    waiting(task).interrupt();

    assertThatThrownBy(() -> get(task)).hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void anInterruptionIsKeptWhereItDoesNotEndTheWaiting() throws Exception {
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              latch.awaitUninterruptibly();
              return Thread.interrupted();
            });
    Thread thread = waiting(task);
    thread.interrupt();
    assertThat(task).isNotDone();

    latch.open();

    assertThat(get(task)).isTrue();
  }
}
