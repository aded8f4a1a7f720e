package dev.pgetl.internal.deliver;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.platform.Unexpected;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The delivery of one stream: takes batches, calls the destination, reports what is durable. Lives
 * as long as the stream, through all its reconnects. Owned by the delivery's thread.
 */
public final class EventDelivery {
  private final Destination destination;
  private final Mailbox mailbox;
  private final DeliveryListener listener;
  private final Attempts attempts;
  private final Attempts calls;
  private final long maxAcceptedNanos;
  private final Ticker ticker;
  private final PositionPace pace;

  private boolean accepted;
  private long acceptedSince;

  /** The last boundary delivered, until it is durable. */
  private @Nullable Lsn boundary;

  /**
   * Creates a delivery.
   *
   * @param destination where to
   * @param mailbox where from
   * @param listener what receives the outcome
   * @param limits for the age of accepted data
   * @param backoff of retries
   * @param owned fails unless this process still acts for the pipeline
   * @param gate holds calls back while the pipeline is paused; a running clock
   */
  public EventDelivery(
      Destination destination,
      Mailbox mailbox,
      DeliveryListener listener,
      BatchConfig limits,
      Backoff backoff,
      Attempts.Action owned,
      CallGate gate) {
    this.destination = destination;
    this.mailbox = mailbox;
    this.listener = listener;
    this.attempts = new Attempts(backoff, new BetweenAttempts()).eachAfter(owned);
    this.calls = attempts.eachIn(gate.turn(owned, mailbox::isClosed));
    this.maxAcceptedNanos = limits.maxAcceptedAge().toNanos();
    this.ticker = gate;
    this.pace = new PositionPace(gate.nanos());
  }

  /**
   * Delivers until the mailbox is closed and empty.
   *
   * @throws EtlException if a batch cannot be delivered; whatever ends the delivery early, the
   *     reader learns it from the mailbox
   */
  @SuppressWarnings("IllegalCatch") // the reader's worker reports it, of whatever class it is
  public void run() throws InterruptedException {
    boolean complete = false;
    try {
      deliverUntilClosed();
      complete = true;
    } catch (RuntimeException | Error e) {
      EtlException failure = Unexpected.failure("delivering events", e);
      mailbox.fail(failure);
      throw failure;
    } finally {
      if (!complete) {
        mailbox.fail(
            new EtlException(ErrorKind.INTERNAL, "delivery ended before everything was delivered"));
      }
    }
  }

  private void deliverUntilClosed() throws InterruptedException {
    while (true) {
      if (listener.isAsked()) {
        calls.run(listener::answer);
      }
      EventBatch batch = mailbox.take(untilDurableIsDue(), listener::isAsked);
      if (batch != null) {
        deliver(batch);
      } else {
        makeDurable();
        mailbox.durable();
        if (mailbox.isClosed()) {
          return;
        }
      }
    }
  }

  private void deliver(EventBatch batch) throws InterruptedException {
    if (batch.hasEvents()) {
      write(batch);
    }
    if (batch.boundary() != null) {
      boundary = batch.boundary();
    }
    if (untilDurableIsDue() <= 0) {
      makeDurable();
    }
    mailbox.done(!accepted && boundary == null);
  }

  private long untilDurableIsDue() {
    if (accepted) {
      return acceptedSince + maxAcceptedNanos - ticker.nanos();
    }
    return boundary == null ? Long.MAX_VALUE : pace.untilAllowed(ticker.nanos());
  }

  private void makeDurable() throws InterruptedException {
    while (accepted) {
      accepted = !flush();
    }
    reportDurable();
  }

  /** {@return false to flush again, because one table is left out from now on} */
  private boolean flush() throws InterruptedException {
    try {
      calls.run(
          DestinationCall.of("flushing destination " + destination.name(), destination::flush));
      return true;
    } catch (EtlException e) {
      if (!isLeftOut(e)) {
        throw e;
      }
      return false;
    }
  }

  private void reportDurable() throws InterruptedException {
    Lsn durable = boundary;
    if (durable != null) {
      boundary = null;
      long begin = ticker.nanos();
      attempts.run(() -> listener.durable(durable));
      long end = ticker.nanos();
      pace.spent(end - begin, end);
    }
  }

  private void write(EventBatch batch) throws InterruptedException {
    long begin = ticker.nanos();
    listener.delivering(batch.events());
    Failpoint.BEFORE_EVENTS_WRITTEN.reached();
    WriteResult result = writeAllowed(batch.events());
    Failpoint.AFTER_EVENTS_WRITTEN.reached();
    if (result == WriteResult.ACCEPTED && !accepted) {
      accepted = true;
      acceptedSince = begin;
    }
    listener.delivered(batch.events(), batch.bytes(), Duration.ofNanos(ticker.nanos() - begin));
  }

  private WriteResult writeAllowed(List<Event> events) throws InterruptedException {
    while (true) {
      List<Event> allowed = listener.anyRefused() ? withoutRefused(events) : events;
      if (allowed.isEmpty()) {
        return WriteResult.DURABLE;
      }
      try {
        return calls.make(
            DestinationCall.answering(
                "writing " + allowed.size() + " events to destination " + destination.name(),
                () -> destination.writeEvents(allowed)));
      } catch (EtlException e) {
        if (!isLeftOut(e)) {
          throw e;
        }
      }
    }
  }

  /** {@return whether the failure is one table's, and the batch may be retried without it} */
  private boolean isLeftOut(EtlException failure) throws InterruptedException {
    if (failure.tableOid().isEmpty()
        || listener.isRefused(new TableId(failure.tableOid().getAsLong()))) {
      return false;
    }
    return attempts.make(() -> listener.tableRefused(failure));
  }

  private final class BetweenAttempts implements Attempts.Between {
    @Override
    public void retrying(EtlException failure, int attempt, Duration delay) {
      if (!mailbox.isClosed()) {
        listener.retrying(failure, attempt, delay);
      }
    }

    @Override
    public void recovered() {
      listener.recovered();
    }

    /** What was delivered before must not wait for what fails now. */
    @Override
    public void failed() throws InterruptedException {
      if (!accepted) {
        reportDurable();
      }
    }

    @Override
    public boolean await(long nanos) throws InterruptedException {
      return !mailbox.awaitClose(nanos);
    }
  }

  private List<Event> withoutRefused(List<Event> events) {
    List<Event> allowed = new ArrayList<>(events.size());
    for (Event event : events) {
      Event kept = withoutRefused(event);
      if (kept != null) {
        allowed.add(kept);
      }
    }
    return allowed;
  }

  private @Nullable Event withoutRefused(Event event) {
    if (event instanceof Event.OfTable change) {
      return listener.isRefused(change.table().id()) ? null : event;
    }
    if (event instanceof Event.Truncate truncate) {
      List<TableSchema> left =
          truncate.tables().stream().filter(table -> !listener.isRefused(table.id())).toList();
      return left.isEmpty()
          ? null
          : new Event.Truncate(
              truncate.transaction(),
              truncate.txOrdinal(),
              left,
              truncate.cascade(),
              truncate.restartIdentity());
    }
    return event;
  }
}
