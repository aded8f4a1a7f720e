package dev.pgetl.internal.runtime.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** Runs a pipeline's scheduled tasks, one at a time, on a thread of its own. Thread-safe. */
public final class TaskTimer {
  /** A task and when it is due; of two that are due at the same time the older one comes first. */
  private record Task(long dueNanos, long number, Worker.Job job) {
    private static final Comparator<Task> ORDER =
        (a, b) ->
            a.dueNanos == b.dueNanos
                ? Long.compare(a.number, b.number)
                : Long.signum(a.dueNanos - b.dueNanos);
  }

  private final String role;
  private final Worker.Factory workers;
  private final Lock lock;
  private final Condition changed;

  @GuardedBy("lock")
  private final Queue<Task> tasks = new PriorityQueue<>(Task.ORDER);

  @GuardedBy("lock")
  private @Nullable Worker worker;

  @GuardedBy("lock")
  private boolean stopped;

  @GuardedBy("lock")
  private long scheduled;

  /**
   * Creates a timer; its thread starts with its first task.
   *
   * @param role part of the thread's name
   * @param workers makes the thread
   */
  public TaskTimer(String role, Worker.Factory workers) {
    this.role = role;
    this.workers = workers;
    this.lock = workers.platform().newLock();
    this.changed = lock.newCondition();
  }

  /**
   * Runs a task after a delay, unless the timer has been stopped by then.
   *
   * @param delay how long to wait; the task comes later if another one is running
   * @param job the task; what it throws ends the pipeline
   */
  public void later(Duration delay, Worker.Job job) {
    lock.lock();
    try {
      if (!stopped) {
        long due = workers.platform().nanos() + delay.toNanos();
        tasks.add(new Task(due, scheduled++, job));
        changed.signalAll();
        if (worker == null) {
          worker = workers.start(role, this::run);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() throws InterruptedException {
    Task task = next();
    while (task != null) {
      task.job.run();
      task = next();
    }
  }

  /** {@return the next task once it is due; null if the timer was stopped} */
  private @Nullable Task next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!stopped) {
        Task first = tasks.peek();
        long left = first == null ? Long.MAX_VALUE : first.dueNanos - workers.platform().nanos();
        if (left <= 0) {
          return tasks.poll();
        }
        long unused = changed.awaitNanos(left);
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Runs no more tasks; the one that is running completes. */
  public void stop() {
    lock.lock();
    try {
      stopped = true;
      tasks.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Interrupts the task that is running. */
  public void interrupt() {
    Worker running = worker();
    if (running != null) {
      running.interrupt();
    }
  }

  /** {@return whether no task runs any more in time, after a stop} */
  public boolean await(long nanos) throws InterruptedException {
    Worker running = worker();
    return running == null || running.await(nanos);
  }

  private @Nullable Worker worker() {
    lock.lock();
    try {
      return worker;
    } finally {
      lock.unlock();
    }
  }
}
