package dev.pgetl.it.outages;

import dev.pgetl.RunStatus;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.observe.ThreadStatus.Activity;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Asks for the health and the liveness of a pipeline all the time, and keeps what is not {@code
 * UP}, and how long a thread worked at most without a lap.
 */
final class HealthLog implements AutoCloseable {
  private static final long PAUSE_MILLIS = 10;

  private final Supplier<RunStatus> status;
  private final Duration stall;
  private final long begin = System.nanoTime();
  private final ConcurrentLinkedQueue<Seen> answers = new ConcurrentLinkedQueue<>();
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private volatile Work longest = new Work("", Duration.ZERO);

  /**
   * How long a thread worked.
   *
   * @param thread its name
   * @param time for how long
   */
  record Work(String thread, Duration time) {}

  HealthLog(Supplier<RunStatus> status, Duration stall) {
    this.status = status;
    this.stall = stall;
    var unused = executor.scheduleWithFixedDelay(this::ask, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void ask() {
    RunStatus now = status.get();
    Health health = now.health(stall);
    if (health.level() != Level.UP) {
      answers.add(Seen.of(now, health, Duration.ofNanos(System.nanoTime() - begin), stall));
    }
    for (ThreadStatus thread : now.pipeline().threads()) {
      if (thread.activity() == Activity.WORKS && thread.duration().compareTo(longest.time()) > 0) {
        longest = new Work(thread.name(), thread.duration());
      }
    }
  }

  /** {@return all that were not {@code UP}} */
  List<Seen> answers() {
    return List.copyOf(answers);
  }

  /** {@return which thread worked longest without a lap} */
  Work longestWork() {
    return longest;
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
