package dev.pgetl.it.replace;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Does one thing again and again, on a thread of its own, until it is closed. */
final class Client implements AutoCloseable {
  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicLong done = new AtomicLong();
  private final Thread thread;
  private volatile @Nullable Throwable failure;

  private Client(String name, long pauseMillis, Runnable act) {
    thread =
        new Thread(
            () -> {
              try {
                while (!stop.await(pauseMillis, TimeUnit.MILLISECONDS)) {
                  act.run();
                  done.incrementAndGet();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setUncaughtExceptionHandler((which, e) -> failure = e);
  }

  static Client started(String name, long pauseMillis, Runnable act) {
    Client client = new Client(name, pauseMillis, act);
    client.thread.start();
    return client;
  }

  /** Waits until it has done it some more times. */
  void awaitMore(long times) {
    long goal = done.get() + times;
    Awaitility.await(thread.getName())
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> failure != null || done.get() >= goal);
    throwIfFailed();
  }

  private void throwIfFailed() {
    Throwable cause = failure;
    if (cause != null) {
      throw new AssertionError(thread.getName() + " failed", cause);
    }
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throwIfFailed();
  }
}
