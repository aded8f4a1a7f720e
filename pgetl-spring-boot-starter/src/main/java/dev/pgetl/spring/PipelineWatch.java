package dev.pgetl.spring;

import dev.pgetl.config.BatchConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private final Duration period;
  private final BiPredicate<String, StallDetector> stalled;
  private final Consumer<Boolean> report;
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Creates a watch that does nothing yet.
   *
   * @param definitions the pipelines
   * @param limit how long a thread of theirs may stand still
   * @param stalled asks a detector with the status of a pipeline
   * @param report receives whether a pipeline is stalled, when that changes
   */
  PipelineWatch(
      List<PipelineDefinition> definitions,
      Duration limit,
      BiPredicate<String, StallDetector> stalled,
      Consumer<Boolean> report) {
    for (PipelineDefinition definition : definitions) {
      BatchConfig batch = definition.config().batch();
      Duration meant = batch.maxFill().plus(batch.maxAcceptedAge());
      detectors.put(definition.config().id(), new StallDetector(limit.plus(meant)));
    }
    Duration part = limit.dividedBy(LOOKS_WITHIN_LIMIT);
    this.period = part.compareTo(SHORTEST_PERIOD) < 0 ? SHORTEST_PERIOD : part;
    this.stalled = stalled;
    this.report = report;
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
          report.accept(now);
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
      any |= stalled.test(entry.getKey(), entry.getValue());
    }
    return any;
  }
}
