package dev.pgetl.spring;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.PipelineRunner;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
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
    return definitions.stream().map(definition -> definition.config().id()).toList();
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
      if (!runner.status().values().stream().allMatch(status -> status.starts() == 0)) {
        runner = newRunner(); // a runner runs once
      }
      warnIfStopTakesLonger();
      PipelineRunner started = runner;
      PipelineWatch begun =
          new PipelineWatch(
              definitions,
              properties.health().livenessStallLimit(),
              (id, detector) ->
                  detector.isStalled(started.status(id).pipeline(), System.nanoTime()),
              this::publish);
      started.start();
      begun.start();
      watch = begun;
    }
  }

  private void warnIfStopTakesLonger() {
    Duration longest =
        definitions.stream()
            .map(definition -> definition.config().shutdownTimeout())
            .max(Comparator.naturalOrder())
            .orElse(Duration.ZERO);
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

  private void publish(boolean stalled) {
    if (stalled) {
      LOG.error(
          "a thread of a pipeline stands still although it has work; liveness is BROKEN: {}",
          runner().status());
    }
    AvailabilityChangeEvent.publish(
        events, this, stalled ? LivenessState.BROKEN : LivenessState.CORRECT);
  }

  @Override
  public void stop() {
    PipelineRunner ending;
    synchronized (lock) {
      ending = runner;
      if (watch != null) {
        watch.end();
        watch = null;
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
