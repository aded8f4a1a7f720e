package dev.pgetl.internal.runtime.stream;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.DeliveryListener;
import dev.pgetl.internal.deliver.EventDelivery;
import dev.pgetl.internal.deliver.Mailbox;
import dev.pgetl.internal.deliver.OpenBatch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.Worker;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The delivery half of a stream: the open batch, the mailbox, and the thread that delivers from it.
 * Lives as long as the stream, through all its sessions. Owned by the reader's thread, except
 * {@link #interrupt} and {@link #awaitEnd}.
 */
public final class StreamDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(StreamDelivery.class);
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Mailbox mailbox;
  private final OpenBatch batch;
  private final EventDelivery delivery;
  private final Worker worker;

  /**
   * Starts the delivery thread.
   *
   * @param role part of the thread's name
   * @param wholeBytes up to how many bytes a transaction is in one call; 0 if calls end anywhere
   * @param listener is called on the delivery thread
   */
  public StreamDelivery(
      PipelineContext context,
      StreamResources resources,
      String role,
      long wholeBytes,
      DeliveryListener listener) {
    PipelineConfig config = context.config();
    Platform platform = context.platform();
    mailbox = new Mailbox(config.batch(), resources.budget(), platform);
    batch = new OpenBatch(mailbox, config.batch(), resources.budget(), wholeBytes, platform);
    delivery =
        new EventDelivery(
            context.destination(),
            mailbox,
            listener,
            config.batch(),
            resources.backoff(),
            context.source()::requireOwned,
            resources.calls());
    worker = resources.workers().start(role + "-delivery", this::deliver);
  }

  private void deliver() throws InterruptedException {
    try {
      delivery.run();
    } catch (EtlException e) {
      LOG.debug("delivery ended", e); // the reader knows and reports it
    }
  }

  /** {@return where the reader puts what it reads} */
  public OpenBatch batch() {
    return batch;
  }

  /** Has positions stored at once that came without events. */
  public void hurry() {
    mailbox.hurry();
  }

  /**
   * Waits until everything read is durable and stored.
   *
   * @param goOn asked ten times a second; false to wait no longer
   * @return whether it is
   */
  public boolean drain(BooleanSupplier goOn) throws InterruptedException {
    while (!mailbox.drain(TICK_NANOS)) {
      if (!goOn.getAsBoolean()) {
        return false;
      }
    }
    return true;
  }

  /** Ends the delivery after what it has; its thread runs for as long as the destination hangs. */
  public void close() {
    mailbox.close();
  }

  /** {@return whether the delivery thread ended in time} */
  public boolean awaitEnd(long nanos) throws InterruptedException {
    return worker.await(nanos);
  }

  /**
   * Ends the delivery after what it has, and waits for it however long the destination takes: the
   * next worker must not meet a write that is still in progress.
   */
  public void closeAndAwait() {
    mailbox.close();
    worker.awaitUninterruptibly();
    batch.discard();
  }

  /** Interrupts the call in progress. */
  public void interrupt() {
    worker.interrupt();
  }
}
