package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.DestinationCall;
import dev.pgetl.internal.runtime.sync.SyncWorkers;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the workers of a pipeline in order and in bounded time, then its destination. Used once, by
 * the thread that shuts down.
 */
final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

  /** How long threads that were interrupted may take to end. */
  static final Duration LAST_PATIENCE = Duration.ofSeconds(1);

  private final PipelineContext context;
  private final TaskTimer timer;
  private final TaskTimer tableTimer;
  private final TaskTimer storeTimer;
  private final SyncWorkers syncs;
  private final ApplyWorker apply;
  private final Worker applyThread;

  Shutdown(
      PipelineContext context,
      TaskTimer timer,
      TaskTimer tableTimer,
      TaskTimer storeTimer,
      SyncWorkers syncs,
      ApplyWorker apply,
      Worker applyThread) {
    this.context = context;
    this.timer = timer;
    this.tableTimer = tableTimer;
    this.storeTimer = storeTimer;
    this.syncs = syncs;
    this.apply = apply;
    this.applyThread = applyThread;
  }

  /** {@return how long the end takes at most, a little more than twice the shutdown timeout} */
  static Duration longest(PipelineConfig config) {
    return config.shutdownTimeout().multipliedBy(2).plus(LAST_PATIENCE.multipliedBy(2));
  }

  /**
   * Ends all workers: those that hang in the destination, or in the store, are interrupted and
   * given up.
   */
  void endWorkers() throws InterruptedException {
    timer.stop();
    timer.interrupt();
    tableTimer.stop();
    storeTimer.stop();
    syncs.stop();
    apply.stop();
    Duration patience = context.config().shutdownTimeout();
    if (!awaitWorkers(patience)) {
      LOG.warn(
          "pipeline {}: the destination did not answer in {}, calls in progress are given up",
          context.config().id(),
          patience);
      syncs.giveUp();
      apply.giveUp();
      applyThread.interrupt();
      tableTimer.interrupt();
      boolean unused = awaitWorkers(LAST_PATIENCE);
    }
  }

  private boolean awaitWorkers(Duration patience) throws InterruptedException {
    long until = context.platform().nanos() + patience.toNanos();
    return syncs.await(until - context.platform().nanos())
        && applyThread.await(until - context.platform().nanos())
        && apply.awaitDeliveryEnd(until - context.platform().nanos())
        && tableTimer.await(until - context.platform().nanos())
        && timer.await(until - context.platform().nanos());
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
