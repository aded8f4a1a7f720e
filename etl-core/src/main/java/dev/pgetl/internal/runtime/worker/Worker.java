package dev.pgetl.internal.runtime.worker;

import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Movements;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.TableName;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A named thread with one job, and a way to wait for its end. Thread-safe. */
public final class Worker {
  /** What a worker does. */
  public interface Job {
    /** Runs the job. */
    void run() throws InterruptedException;
  }

  /** Makes the threads of one pipeline. Immutable. */
  public static final class Factory {
    private final String pipeline;
    private final Platform platform;
    private final Consumer<Throwable> unexpected;
    private final Movements movements;
    private final @Nullable TableName table;

    /**
     * Creates a factory.
     *
     * @param pipeline the pipeline's id
     * @param platform makes threads
     * @param unexpected receives what no job should throw
     */
    public Factory(String pipeline, Platform platform, Consumer<Throwable> unexpected) {
      this(pipeline, platform, unexpected, new Movements(platform), null);
    }

    private Factory(
        String pipeline,
        Platform platform,
        Consumer<Throwable> unexpected,
        Movements movements,
        @Nullable TableName table) {
      this.pipeline = pipeline;
      this.platform = platform;
      this.unexpected = unexpected;
      this.movements = movements;
      this.table = table;
    }

    /** {@return a factory whose workers log as those of one table} */
    public Factory of(TableName one) {
      return new Factory(pipeline, platform, unexpected, movements, one);
    }

    /** {@return the time, locks and threads of its workers} */
    public Platform platform() {
      return platform;
    }

    /** {@return what its workers do, and those of {@link #of}} */
    public Movements movements() {
      return movements;
    }

    /**
     * Watches the calling thread while it starts the pipeline.
     *
     * @param start what it does
     */
    public void duringStart(Runnable start) {
      movements.during(Thread.currentThread().getName(), start::run);
    }

    /**
     * Starts a worker.
     *
     * @param role part of the thread's name
     * @param job what it does; what it throws ends the pipeline, except an interruption
     */
    public Worker start(String role, Job job) {
      Worker worker = new Worker(this, role, job);
      worker.thread.start();
      return worker;
    }
  }

  private final Thread thread;
  private final Latch ended;

  @SuppressWarnings("IllegalCatch") // the one place where everything ends up
  private Worker(Factory factory, String role, Job job) {
    ended = new Latch(factory.platform);
    String name = "etl-" + factory.pipeline + "-" + role;
    Runnable body =
        () -> {
          LogContext about = LogContext.enter(factory.pipeline, role, factory.table);
          try {
            factory.movements.during(name, job::run);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (Throwable e) {
            factory.unexpected.accept(e);
          } finally {
            about.leave();
            ended.open();
          }
        };
    thread = factory.platform.newThread(body);
    thread.setName(name);
    thread.setDaemon(true);
  }

  /** Interrupts the job. */
  public void interrupt() {
    thread.interrupt();
  }

  /** {@return whether it ended in time} */
  public boolean await(long nanos) throws InterruptedException {
    return ended.await(nanos);
  }

  /** Waits for the end, also while the calling thread is interrupted. */
  public void awaitUninterruptibly() {
    ended.awaitUninterruptibly();
  }
}
