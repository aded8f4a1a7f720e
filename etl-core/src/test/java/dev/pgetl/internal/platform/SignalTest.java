package dev.pgetl.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SignalTest {
  private static final long FOREVER = TimeUnit.DAYS.toNanos(1);

  private final Signal signal = new Signal(Platform.jvm());

  private Thread waiting(FutureTask<?> task) {
    Thread thread = new Thread(task, "waiting");
    thread.setDaemon(true);
    thread.start();
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }

  private FutureTask<Long> awaiting(long seen) {
    return new FutureTask<>(
        () -> {
          signal.await(seen, FOREVER);
          return signal.count();
        });
  }

  @Test
  void countsHowOftenItWasRaised() {
    assertThat(signal.count()).isZero();
    signal.raise();
    signal.raise();

    assertThat(signal.count()).isEqualTo(2);
  }

  @Test
  void wakesAllWhoWait() throws Exception {
    FutureTask<Long> first = awaiting(0);
    FutureTask<Long> second = awaiting(0);
    Thread unused = waiting(first);
    Thread unusedToo = waiting(second);

    signal.raise();

    assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(1);
  }

  /** A change between the look and the waiting is not missed. */
  @Test
  void doesNotWaitIfItWasRaisedSinceTheCallerLooked() throws InterruptedException {
    long seen = signal.count();
    signal.raise();

    signal.await(seen, FOREVER);

    assertThat(signal.count()).isEqualTo(1);
  }

  @Test
  void waitsNoLongerThanAsked() throws InterruptedException {
    OneThreadPlatform clock = new OneThreadPlatform();
    long since = clock.nanos();

    new Signal(clock).await(0, 1_000);
    new Signal(clock).await(0, 0);

    assertThat(clock.nanos() - since).isEqualTo(1_000);
  }

  @Test
  void waitingCanBeInterrupted() {
    FutureTask<Long> task = awaiting(0);

    waiting(task).interrupt();

    assertThatThrownBy(() -> task.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
  }
}
