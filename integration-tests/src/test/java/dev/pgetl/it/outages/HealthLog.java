package dev.pgetl.it.outages;

import dev.pgetl.RunStatus;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.Health.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks for the health of a pipeline all the time, and keeps what is not {@code UP}. */
final class HealthLog implements AutoCloseable {
  private static final long PAUSE_MILLIS = 10;

  /**
   * An answer that was not {@code UP}.
   *
   * @param after how long after the begin of the outage
   */
  record Answer(Duration after, Health health) {}

  private final Supplier<RunStatus> status;
  private final Duration stall;
  private final long begin = System.nanoTime();
  private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();

  HealthLog(Supplier<RunStatus> status, Duration stall) {
    this.status = status;
    this.stall = stall;
    var unused = executor.scheduleWithFixedDelay(this::ask, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void ask() {
    Health health = status.get().health(stall);
    if (health.level() != Level.UP) {
      answers.add(new Answer(Duration.ofNanos(System.nanoTime() - begin), health));
    }
  }

  /** {@return all that were not {@code UP}} */
  List<Answer> answers() {
    return List.copyOf(answers);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
