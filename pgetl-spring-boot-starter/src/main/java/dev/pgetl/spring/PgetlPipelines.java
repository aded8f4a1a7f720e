package dev.pgetl.spring;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.PipelineRunner;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * The pipelines of the application: started last, when pools and the web server are there, and
 * ended first. The start does not wait for source, destination or store. Thread-safe.
 */
public final class PgetlPipelines implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(PgetlPipelines.class);

  /** What {@link PipelineRunner#close} needs beside the pipelines' own limits. */
  private static final Duration FOR_THE_REST = Duration.ofSeconds(10);

  private final List<PipelineDefinition> definitions;
  private final PgetlProperties properties;
  private final Duration phaseLimit;
  private final ApplicationEventPublisher events;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private PipelineRunner runner;

  @GuardedBy("lock")
  private @Nullable PipelineWatch watch;

  @GuardedBy("lock")
  private boolean stopped;

  PgetlPipelines(
      List<PipelineDefinition> definitions,
      PgetlProperties properties,
      Duration phaseLimit,
      ApplicationEventPublisher events) {
    this.definitions = List.copyOf(definitions);
    this.properties = properties;
    this.phaseLimit = phaseLimit;
    this.events = events;
    this.runner = newRunner();
  }

  /**
   * {@return what keeps the pipelines running: their status, and each pipeline by its id} Another
   * one after the application context was stopped and started. Do not start or close it.
   */
  public PipelineRunner runner() {
    synchronized (lock) {
      return runner;
    }
  }

  /** {@return the pipelines' ids, in the order of the beans} */
  public List<String> ids() {
    return List.copyOf(runner().status().keySet());
  }

  private PipelineRunner newRunner() {
    PipelineRunner.Builder builder = PipelineRunner.builder();
    try {
      for (PipelineDefinition one : definitions) {
        builder.pipeline(one.config(), one.store(), one.destination(), one.listener());
      }
      return builder
          .restartDelay(
              properties.run().firstRestartDelay(), properties.run().longestRestartDelay())
          .build();
    } catch (IllegalArgumentException e) {
      throw new PgetlSettingsException(
          "Pipelines cannot run: " + e.getMessage(),
          "Give each pipeline an id of its own, and correct pgetl.run.*-restart-delay.",
          e);
    }
  }

  @Override
  public void start() {
    synchronized (lock) {
      if (watch != null) {
        return;
      }
      if (stopped) {
        runner = newRunner(); // a runner runs once
      }
      warnIfStopTakesLonger();
      PipelineWatch begun =
          new PipelineWatch(definitions, properties.health().livenessStallLimit(), runner, events);
      runner.start();
      begun.start();
      watch = begun;
    }
  }

  private void warnIfStopTakesLonger() {
    Duration longest = Duration.ZERO;
    for (PipelineDefinition one : definitions) {
      Duration limit = one.config().shutdownTimeout();
      longest = limit.compareTo(longest) > 0 ? limit : longest;
    }
    Duration stop = longest.multipliedBy(2).plus(FOR_THE_REST);
    if (stop.compareTo(phaseLimit) > 0) {
      LOG.warn(
          "a stop of the pipelines may take {}, longer than"
              + " spring.lifecycle.timeout-per-shutdown-phase ({}): raise that, or lower"
              + " pgetl.run.shutdown-timeout",
          stop,
          phaseLimit);
    }
  }

  @Override
  public void stop() {
    PipelineRunner ending;
    synchronized (lock) {
      ending = runner;
      if (watch != null) {
        watch.end();
        watch = null;
        stopped = true;
      }
    }
    ending.close();
  }

  /** Ends the pipelines on a thread of its own, so that Spring's limit holds. */
  @Override
  public void stop(Runnable callback) {
    Thread stopping =
        new Thread(
            () -> {
              try {
                stop();
              } finally {
                callback.run();
              }
            },
            "pgetl-stop");
    stopping.setDaemon(true);
    stopping.start();
  }

  @Override
  public boolean isRunning() {
    synchronized (lock) {
      return watch != null;
    }
  }
}
