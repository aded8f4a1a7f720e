package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.DeliveryListener;
import dev.pgetl.internal.deliver.EventDelivery;
import dev.pgetl.internal.deliver.Mailbox;
import dev.pgetl.internal.deliver.OpenBatch;
import dev.pgetl.internal.platform.Platform;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The destination's end of a stream: the open batch, the mailbox, and the thread that delivers from
 * it. Owned by the reader's thread, but for {@link #interrupt}.
 */
final class StreamEnd {
  private static final Logger LOG = LoggerFactory.getLogger(StreamEnd.class);
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Mailbox mailbox;
  private final OpenBatch batch;
  private final EventDelivery delivery;
  private final Worker worker;

  StreamEnd(Services services, Worker.Factory workers, String role, DeliveryListener listener) {
    PipelineConfig config = services.config();
    Destination destination = services.destination();
    Platform platform = services.platform();
    mailbox = new Mailbox(config.batch(), services.budget(), platform);
    batch = new OpenBatch(mailbox, config.batch(), services.budget(), platform);
    delivery =
        new EventDelivery(
            destination, mailbox, listener, config.batch(), services.backoff(), platform);
    worker = workers.start(role + "-delivery", this::deliver);
  }

  private void deliver() throws InterruptedException {
    try {
      delivery.run();
    } catch (EtlException e) {
      LOG.debug("delivery ended", e); // the reader has been told and reports it
    }
  }

  OpenBatch batch() {
    return batch;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  /**
   * Waits until everything read is durable and remembered.
   *
   * @param goOn asked ten times a second
   * @return whether it is
   */
  boolean drain(BooleanSupplier goOn) throws InterruptedException {
    while (!mailbox.drain(TICK_NANOS)) {
      if (!goOn.getAsBoolean()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Ends the delivery after what it has; the thread may go on for as long as the destination hangs.
   */
  void close() {
    mailbox.close();
  }

  boolean awaitEnd(long nanos) throws InterruptedException {
    return worker.await(nanos);
  }

  /**
   * Ends the delivery after what it has, and waits for it however long the destination takes:
   * whoever comes next must not meet a write that is still under way.
   */
  void closeAndAwait() {
    mailbox.close();
    worker.awaitUninterruptibly();
    batch.discard();
  }

  void interrupt() {
    worker.interrupt();
  }
}
