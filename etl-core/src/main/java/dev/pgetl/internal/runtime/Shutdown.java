package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.PipelineRun;
import dev.pgetl.internal.runtime.worker.Worker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the workers of a pipeline in bounded time, then its destination. Stateless; used once, by
 * the thread that shuts down.
 */
final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

  /** How long threads that were interrupted may take to end. */
  static final Duration LAST_PATIENCE = Duration.ofSeconds(1);

  private Shutdown() {}

  /** {@return how long the end takes at most, a little more than twice the shutdown timeout} */
  static Duration longest(PipelineConfig config) {
    return config.shutdownTimeout().multipliedBy(2).plus(LAST_PATIENCE.multipliedBy(2));
  }

  /**
   * Ends all workers: those that hang in the destination, or in the store, are interrupted and
   * given up.
   */
  static void endWorkers(PipelineContext context, PipelineRun run) throws InterruptedException {
    run.stop();
    Duration patience = context.config().shutdownTimeout();
    if (!run.await(patience.toNanos())) {
      LOG.warn(
          "pipeline {}: the destination did not answer in {}, calls in progress are given up",
          context.config().id(),
          patience);
      run.giveUp();
      boolean unused = run.await(LAST_PATIENCE.toNanos());
    }
  }

  /**
   * Closes the destination.
   *
   * @param closer closes it, on a thread of its own
   */
  static void endDestination(PipelineContext context, Worker closer) throws InterruptedException {
    Duration patience = context.config().shutdownTimeout();
    if (!closer.await(patience.toNanos())) {
      LOG.warn("destination {} did not close in {}", context.destination().name(), patience);
      closer.interrupt();
    }
  }

  /** {@return what went wrong when the destination was closed; null if nothing did} */
  @SuppressWarnings("IllegalCatch") // an error of a destination is its failure
  static @Nullable EtlException closeDestination(PipelineContext context) {
    try {
      context.destination().close();
      return null;
    } catch (RuntimeException | Error e) {
      return DestinationCall.failed("closing destination " + context.destination().name(), e);
    }
  }
}
