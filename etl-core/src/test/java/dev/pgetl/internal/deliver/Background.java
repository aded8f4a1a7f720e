package dev.pgetl.internal.deliver;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A call on a thread of its own. */
final class Background<T> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final FutureTask<T> task;
  private final Thread thread;

  private Background(Callable<T> call) {
    task = new FutureTask<>(call);
    thread = new Thread(task, "background");
    thread.setDaemon(true);
    thread.start();
  }

  static <T> Background<T> call(Callable<T> call) {
    return new Background<>(call);
  }

  /** Returns once the call waits for somebody. */
  Background<T> awaitBlocked() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
    return this;
  }

  void interrupt() {
    thread.interrupt();
  }

  /** {@return what the call returns; what it throws is thrown} */
  T result() throws InterruptedException, ExecutionException, TimeoutException {
    return task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
