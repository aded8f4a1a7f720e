package dev.pgetl.status.page;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of a page: some for requests and samples, one for time. What takes longer than the
 * limit is interrupted, which closes its connection: a client that sends half a request holds no
 * thread. All are daemon threads, so a page keeps no process alive. Safe for concurrent use.
 */
final class RequestThreads implements Executor, AutoCloseable {
  /** How many requests are answered at a time. */
  static final int COUNT = 4;

  private static final String NAME = "etl-status-page-";
  private static final Duration END = Duration.ofSeconds(5);

  private final Duration limit;
  private final ThreadPoolExecutor workers =
      (ThreadPoolExecutor) Executors.newFixedThreadPool(COUNT, threads("request-"));
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, threads("timer-"));

  RequestThreads(Duration limit) {
    this.limit = limit;
    timer.setRemoveOnCancelPolicy(true);
    timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy()); // after the end
    workers.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    workers.setKeepAliveTime(1, TimeUnit.MINUTES);
    workers.allowCoreThreadTimeOut(true);
  }

  private static ThreadFactory threads(String role) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, NAME + role + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void execute(Runnable task) {
    workers.execute(() -> run(task));
  }

  private void run(Runnable task) {
    Limited limited = new Limited(Thread.currentThread());
    Future<?> end = timer.schedule(limited::interrupt, limit.toMillis(), TimeUnit.MILLISECONDS);
    try {
      task.run();
    } finally {
      limited.end();
      boolean unused = end.cancel(false);
    }
  }

  /** Does something now and then, in one of the threads for requests. */
  void repeat(Runnable task, Duration interval) {
    Future<?> unused =
        timer.scheduleWithFixedDelay(
            () -> execute(task), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Something that works in a thread until its end: the thread is not interrupted later. */
  private static final class Limited {
    private final Object lock = new Object();
    private final Thread thread;

    @GuardedBy("lock")
    private boolean ended;

    Limited(Thread thread) {
      this.thread = thread;
    }

    void interrupt() {
      synchronized (lock) {
        if (!ended) {
          thread.interrupt();
        }
      }
    }

    void end() {
      synchronized (lock) {
        ended = true;
        boolean unused = Thread.interrupted(); // what comes next in the thread is not meant
      }
    }
  }

  /** Interrupts what works, and waits a moment for its end. */
  @Override
  public void close() {
    workers.shutdownNow();
    timer.shutdownNow();
    try {
      boolean unused =
          workers.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS)
              && timer.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
