package dev.pgetl.internal.runtime;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of a pipeline that does what comes by time: one task after the other. Thread-safe. */
final class Supervisor {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

  private final ScheduledExecutorService executor;
  private final Consumer<Throwable> unexpected;

  /**
   * Creates a supervisor; its thread starts with its first task.
   *
   * @param pipelineId whose supervisor it is
   * @param threads makes its thread
   * @param unexpected hears of tasks that fail
   */
  Supervisor(String pipelineId, ThreadFactory threads, Consumer<Throwable> unexpected) {
    this.executor =
        Executors.newSingleThreadScheduledExecutor(job -> thread(pipelineId, threads, job));
    this.unexpected = unexpected;
  }

  private static Thread thread(String pipelineId, ThreadFactory threads, Runnable job) {
    Thread thread = threads.newThread(() -> LogContext.during(pipelineId, "supervisor", job));
    thread.setName("etl-" + pipelineId + "-supervisor");
    thread.setDaemon(true);
    return thread;
  }

  /** Does something after a delay, unless the supervisor has been stopped by then. */
  void later(Duration delay, Runnable task) {
    try {
      var unused = executor.schedule(() -> guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("not scheduled, the pipeline is stopping");
    }
  }

  @SuppressWarnings("IllegalCatch") // nobody asks the executor what became of a task
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      unexpected.accept(e);
    }
  }

  /** Does no more, and interrupts what is under way. */
  void stop() {
    executor.shutdownNow();
  }
}
