package dev.pgetl.internal.runtime;

import dev.pgetl.schema.TableName;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
    private final @Nullable TableName table;

    /**
     * Creates a factory.
     *
     * @param pipeline the pipeline's id
     * @param threads makes threads
     * @param unexpected hears of what no job should throw
     */
    Factory(String pipeline, ThreadFactory threads, Consumer<Throwable> unexpected) {
      this(pipeline, threads, unexpected, null);
    }

    private Factory(
        String pipeline,
        ThreadFactory threads,
        Consumer<Throwable> unexpected,
        @Nullable TableName table) {
      this.pipeline = pipeline;
      this.threads = threads;
      this.unexpected = unexpected;
      this.table = table;
    }

    /** {@return a factory whose workers log as those of one table} */
    Factory of(TableName one) {
      return new Factory(pipeline, threads, unexpected, one);
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
          LogContext about = LogContext.enter(factory.pipeline, role, factory.table);
          try {
            job.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (Throwable e) {
            factory.unexpected.accept(e);
          } finally {
            about.leave();
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

  /** Waits for the end, also while it is interrupted. */
  void awaitUninterruptibly() {
    boolean interrupted = false;
    while (ended.getCount() > 0) {
      try {
        ended.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
