package dev.pgetl.internal.deliver;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.Event;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The delivery of one stream: takes batches, calls the destination, says what is durable. Lives as
 * long as the stream, through all its reconnects. {@link #run} belongs to one thread, the delivery
 * thread; {@link #readmit} to any.
 */
public final class EventDelivery {
  private final Destination destination;
  private final BatchExchange exchange;
  private final DeliveryListener listener;
  private final Backoff backoff;
  private final long maxAcceptedNanos;
  private final LongSupplier nanoTime;
  private final PositionPace positions;
  private final Set<TableId> refused = ConcurrentHashMap.newKeySet();

  private boolean accepted;
  private long acceptedSince;
  private @Nullable Lsn reached;

  /**
   * Creates a delivery.
   *
   * @param destination where to
   * @param exchange where from
   * @param listener who hears of it
   * @param limits for the age of accepted data
   * @param backoff of retries
   * @param nanoTime a running clock
   */
  public EventDelivery(
      Destination destination,
      BatchExchange exchange,
      DeliveryListener listener,
      BatchConfig limits,
      Backoff backoff,
      LongSupplier nanoTime) {
    this.destination = destination;
    this.exchange = exchange;
    this.listener = listener;
    this.backoff = backoff;
    this.maxAcceptedNanos = limits.maxAcceptedAge().toNanos();
    this.nanoTime = nanoTime;
    this.positions = new PositionPace(nanoTime.getAsLong());
  }

  /**
   * Delivers until the exchange is closed and empty.
   *
   * @throws EtlException if a batch cannot be delivered; whatever ends the delivery early, the
   *     exchange tells the reader
   */
  public void run() throws InterruptedException {
    boolean complete = false;
    try {
      deliverUntilClosed();
      complete = true;
    } catch (RuntimeException e) {
      EtlException failure =
          e instanceof EtlException known
              ? known
              : new EtlException(ErrorKind.INTERNAL, "delivering events failed", e);
      exchange.fail(failure);
      throw failure;
    } finally {
      if (!complete) {
        exchange.abandon();
      }
    }
  }

  private void deliverUntilClosed() throws InterruptedException {
    while (true) {
      EventBatch batch = exchange.take(untilSettling());
      if (batch != null) {
        deliver(batch);
      } else {
        settle();
        if (exchange.isClosed()) {
          return;
        }
      }
    }
  }

  /**
   * The stream may carry a table again that the destination had refused.
   *
   * @param id the table
   */
  public void readmit(TableId id) {
    refused.remove(id);
  }

  private long untilSettling() {
    if (accepted) {
      return untilFlush();
    }
    return reached == null ? Long.MAX_VALUE : positions.untilAllowed(nanoTime.getAsLong());
  }

  private long untilFlush() {
    return acceptedSince + maxAcceptedNanos - nanoTime.getAsLong();
  }

  private void deliver(EventBatch batch) throws InterruptedException {
    if (batch.hasEvents()) {
      write(batch);
    }
    if (batch.boundary() != null) {
      reached = batch.boundary();
    }
    if (untilSettling() <= 0) {
      settle();
    }
    exchange.done(!accepted && reached == null);
  }

  private void settle() throws InterruptedException {
    if (accepted) {
      flush();
    }
    rememberReached();
    exchange.settled();
  }

  private void flush() throws InterruptedException {
    attempt(
        "flushing destination " + destination.name(),
        DestinationCall.of(
            () -> {
              destination.flush();
              return WriteResult.DURABLE;
            }));
    accepted = false;
  }

  private void rememberReached() throws InterruptedException {
    Lsn position = reached;
    if (position != null) {
      reached = null;
      long begin = nanoTime.getAsLong();
      attempt(
          "remembering position " + position,
          what -> {
            listener.durable(position);
            return WriteResult.DURABLE;
          });
      long end = nanoTime.getAsLong();
      positions.spent(end - begin, end);
    }
  }

  private void write(EventBatch batch) throws InterruptedException {
    long begin = nanoTime.getAsLong();
    Failpoint.BEFORE_EVENTS_WRITTEN.reached();
    WriteResult result = writeAllowed(batch.events());
    Failpoint.AFTER_EVENTS_WRITTEN.reached();
    if (result == WriteResult.ACCEPTED && !accepted) {
      accepted = true;
      acceptedSince = begin;
    }
    listener.delivered(
        batch.events(), batch.bytes(), Duration.ofNanos(nanoTime.getAsLong() - begin));
  }

  private WriteResult writeAllowed(List<Event> events) throws InterruptedException {
    while (true) {
      List<Event> allowed = refused.isEmpty() ? events : withoutRefused(events);
      if (allowed.isEmpty()) {
        return WriteResult.DURABLE;
      }
      try {
        return attempt(
            "writing " + allowed.size() + " events to destination " + destination.name(),
            DestinationCall.of(() -> destination.writeEvents(allowed)));
      } catch (EtlException e) {
        if (!leftOut(e)) {
          throw e;
        }
      }
    }
  }

  /** {@return whether the failure is one table's, and the batch may be tried without that table} */
  private boolean leftOut(EtlException failure) throws InterruptedException {
    if (failure.tableOid().isEmpty()) {
      return false;
    }
    TableId table = new TableId(failure.tableOid().getAsLong());
    if (refused.contains(table)) {
      return false;
    }
    attempt(
        "putting table " + table + " aside",
        what -> {
          if (listener.tableRefused(failure)) {
            refused.add(table);
          }
          return WriteResult.DURABLE;
        });
    return refused.contains(table);
  }

  private WriteResult attempt(String what, DestinationCall call) throws InterruptedException {
    for (int failures = 1; ; failures++) {
      try {
        return call.run(what);
      } catch (EtlException e) {
        boolean timed = e.retry() == RetryDirective.TIMED;
        boolean again = timed && backoff.allows(failures);
        Duration delay = backoff.delay(failures);
        if (again) {
          listener.retrying(e, failures, delay);
        }
        if (!accepted) {
          // What was delivered before must not wait for what fails now.
          rememberReached();
        }
        if (!again) {
          throw timed ? e.withRetry(RetryDirective.MANUAL) : e;
        }
        if (!exchange.pause(delay.toNanos())) {
          throw e;
        }
      }
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
      return refused.contains(change.table().id()) ? null : event;
    }
    if (event instanceof Event.Truncate truncate) {
      List<TableSchema> left =
          truncate.tables().stream().filter(table -> !refused.contains(table.id())).toList();
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
