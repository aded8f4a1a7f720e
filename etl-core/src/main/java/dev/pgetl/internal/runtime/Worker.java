package dev.pgetl.internal.runtime;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.MDC;

/** A named thread with one job, and a way to wait for its end. Thread-safe. */
final class Worker {
  /** What a worker does. */
  interface Job {
    void run() throws InterruptedException;
  }

  /** Makes the threads of one pipeline. */
  static final class Factory {
    private final String pipeline;
    private final ThreadFactory threads;
    private final Consumer<Throwable> unexpected;

    /**
     * Creates a factory.
     *
     * @param pipeline the pipeline's id
     * @param threads makes threads
     * @param unexpected hears of what no job should throw
     */
    Factory(String pipeline, ThreadFactory threads, Consumer<Throwable> unexpected) {
      this.pipeline = pipeline;
      this.threads = threads;
      this.unexpected = unexpected;
    }

    /**
     * Starts a worker.
     *
     * @param role part of the thread's name
     * @param job what it does; what it throws ends the pipeline, but for the interruption
     */
    Worker start(String role, Job job) {
      Worker worker = new Worker(this, role, job);
      worker.thread.start();
      return worker;
    }
  }

  private final Thread thread;
  private final CountDownLatch ended = new CountDownLatch(1);

  @SuppressWarnings("IllegalCatch") // the one place where everything ends up
  private Worker(Factory factory, String role, Job job) {
    Runnable body =
        () -> {
          MDC.setContextMap(Map.of("pipeline", factory.pipeline, "worker", role));
          try {
            job.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (Throwable e) {
            factory.unexpected.accept(e);
          } finally {
            MDC.clear();
            ended.countDown();
          }
        };
    thread = factory.threads.newThread(body);
    thread.setName("etl-" + factory.pipeline + "-" + role);
    thread.setDaemon(true);
  }

  void interrupt() {
    thread.interrupt();
  }

  /** {@return whether it ended in time} */
  boolean await(long nanos) throws InterruptedException {
    return ended.await(nanos, TimeUnit.NANOSECONDS);
  }

  void await() throws InterruptedException {
    ended.await();
  }

  /** Waits for the end; an interruption is kept for later. */
  void awaitUninterruptibly() {
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
