package dev.pgetl.internal.runtime.stream;

import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.runtime.worker.Trouble;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what the apply worker does, and keeps what fails. Thread-safe. */
public final class StreamMeter {
  private final InstantSource clock;
  private final Trouble reading;
  private final Trouble delivering;
  private final Trouble storing;
  private final LongAdder events = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder reconnects = new LongAdder();
  private volatile Instant lastCommit = Instant.EPOCH;
  private volatile Duration delay = Duration.ZERO;
  private volatile Lsn server = Lsn.ZERO;
  private volatile Instant lastProgress = Instant.EPOCH;
  private volatile Undelivered undelivered = Undelivered.NOTHING;
  private volatile @Nullable SlotStatus slot;

  /**
   * What is not durable. Replaced by the delivery's thread.
   *
   * @param oldest when the oldest transaction was committed; null if there is none
   * @param inCall when the first one in the call that is being made was
   */
  private record Undelivered(@Nullable Instant oldest, @Nullable Instant inCall) {
    private static final Undelivered NOTHING = new Undelivered(null, null);
  }

  /** Creates the meter of a stream that has not begun. */
  public StreamMeter(PipelineListener listener, InstantSource clock) {
    this.clock = clock;
    this.reading = new Trouble(listener, clock);
    this.delivering = new Trouble(listener, clock);
    this.storing = new Trouble(listener, clock);
  }

  /** {@return what fails between the server and the reader} */
  public Trouble reading() {
    return reading;
  }

  /** {@return what fails between the delivery and the destination or the store} */
  public Trouble delivering() {
    return delivering;
  }

  /** {@return what fails when the store is to keep what was found out about tables} */
  public Trouble storing() {
    return storing;
  }

  /** A batch is about to be delivered. */
  public void delivering(List<Event> batch) {
    Instant first =
        batch.stream()
            .map(Event::transaction)
            .filter(StreamMeter::isCommitted)
            .findFirst()
            .map(Transaction::commitTime)
            .orElse(null);
    Instant before = undelivered.oldest();
    undelivered = new Undelivered(before == null ? first : before, first);
  }

  /** A batch was delivered, with at least one event. */
  public void delivered(List<Event> batch, long size) {
    undelivered = new Undelivered(undelivered.oldest(), null);
    events.add(batch.size());
    bytes.add(size);
    for (int i = batch.size() - 1; i >= 0; i--) {
      Transaction transaction = batch.get(i).transaction();
      if (isCommitted(transaction)) {
        lastCommit = transaction.commitTime();
        delay = Duration.between(transaction.commitTime(), clock.instant());
        return;
      }
    }
  }

  /** {@return whether it is a transaction, not a message outside of one} */
  private static boolean isCommitted(Transaction transaction) {
    return transaction.xid() != 0;
  }

  /**
   * The durable position has moved. While a call is being made, that was before the call.
   *
   * @param everything whether it is behind everything delivered
   */
  public void progressed(boolean everything) {
    lastProgress = clock.instant();
    if (everything) {
      undelivered = new Undelivered(undelivered.inCall(), undelivered.inCall());
    }
  }

  /** Where the server's log is, as it says. */
  public void serverAt(Lsn position) {
    server = Lsn.max(server, position);
  }

  /** The history that was read ends at a position, because the server was promoted. */
  public void endAt(Lsn position) {
    server = position;
  }

  public void reconnected() {
    reconnects.increment();
  }

  /** How much log the server keeps; null if that is not known. */
  public void slot(@Nullable SlotStatus seen) {
    slot = seen;
  }

  /**
   * {@return a snapshot}
   *
   * @param connected whether there is a session
   * @param received how far it has read
   * @param durable up to where everything is durable
   */
  public StreamStatus status(boolean connected, Lsn received, Lsn durable) {
    Instant waiting = undelivered.oldest();
    Duration age = waiting == null ? Duration.ZERO : Duration.between(waiting, clock.instant());
    return StreamStatus.builder()
        .connected(connected)
        .receivedLsn(received)
        .flushedLsn(durable)
        .serverLsn(Lsn.max(received, server))
        .events(events.sum())
        .bytes(bytes.sum())
        .reconnects(reconnects.sum())
        .lastCommitTime(lastCommit)
        .delay(age.compareTo(delay) > 0 ? age : delay)
        .lastProgress(lastProgress)
        .oldestUndelivered(waiting)
        .failure(Trouble.longest(reading, delivering, storing))
        .slot(slot)
        .build();
  }
}
