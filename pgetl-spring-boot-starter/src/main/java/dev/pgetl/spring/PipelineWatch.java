package dev.pgetl.spring;

import dev.pgetl.PipelineRunner;
import dev.pgetl.RunStatus;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.observe.PipelineStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Asks all pipelines several times within the stall limit whether they move, on a thread of its
 * own. That thread is no daemon: an application without a web server does not end while its
 * pipelines run. Thread-safe.
 */
final class PipelineWatch {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineWatch.class);
  private static final int LOOKS_WITHIN_LIMIT = 10;
  private static final Duration SHORTEST_PERIOD = Duration.ofMillis(10);

  private final Map<String, StallDetector> detectors = new LinkedHashMap<>();
  private final Duration limit;
  private final Duration period;
  private final PipelineRunner runner;
  private final ApplicationEventPublisher events;
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Creates a watch that does nothing yet.
   *
   * @param definitions the pipelines
   * @param limit how long a thread of theirs may make no progress
   * @param runner has their status
   * @param events receives the liveness when that changes
   */
  PipelineWatch(
      List<PipelineDefinition> definitions,
      Duration limit,
      PipelineRunner runner,
      ApplicationEventPublisher events) {
    for (PipelineDefinition definition : definitions) {
      BatchConfig batch = definition.config().batch();
      Duration meant = batch.maxFill().plus(batch.maxAcceptedAge());
      detectors.put(definition.config().id(), new StallDetector(limit, meant));
    }
    Duration part = limit.dividedBy(LOOKS_WITHIN_LIMIT);
    this.period = part.compareTo(SHORTEST_PERIOD) < 0 ? SHORTEST_PERIOD : part;
    this.limit = limit;
    this.runner = runner;
    this.events = events;
  }

  void start() {
    Thread thread = new Thread(this::run, "pgetl-watch");
    thread.setDaemon(false);
    thread.start();
  }

  void end() {
    ended.countDown();
  }

  private void run() {
    boolean reported = false;
    try {
      while (!ended.await(period.toNanos(), TimeUnit.NANOSECONDS)) {
        boolean now = anyStalled();
        if (now != reported) {
          report(now);
          reported = now;
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the watch of the pipelines was interrupted", e);
    }
  }

  /** Asks all of them, since each must see its status again and again. */
  private boolean anyStalled() {
    boolean any = false;
    for (Map.Entry<String, StallDetector> entry : detectors.entrySet()) {
      PipelineStatus status = runner.status(entry.getKey()).pipeline();
      any |= entry.getValue().isStalled(status, System.nanoTime());
    }
    return any;
  }

  private void report(boolean stalled) {
    if (stalled) {
      LOG.error(
          "a pipeline does not move although it should; liveness is BROKEN: {}{}",
          runner.status(),
          stacks());
    }
    LivenessState state = stalled ? LivenessState.BROKEN : LivenessState.CORRECT;
    AvailabilityChangeEvent.publish(events, this, state);
  }

  /** Where the threads are that do not move: the restart that follows destroys the evidence. */
  private String stacks() {
    Set<String> stuck = new HashSet<>();
    for (RunStatus run : runner.status().values()) {
      run.pipeline().stalledThreads(limit).forEach(thread -> stuck.add(thread.name()));
    }
    StringBuilder text = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach(
            (thread, frames) -> {
              if (stuck.contains(thread.getName())) {
                text.append("\n  ").append(thread.getName());
                Arrays.stream(frames).forEach(frame -> text.append("\n    at ").append(frame));
              }
            });
    return text.toString();
  }
}
