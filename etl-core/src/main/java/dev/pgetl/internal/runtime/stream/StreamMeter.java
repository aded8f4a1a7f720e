package dev.pgetl.internal.runtime.stream;

import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what the apply worker does. Thread-safe. */
public final class StreamMeter {
  private final InstantSource clock;
  private final LongAdder events = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder reconnects = new LongAdder();
  private volatile Instant lastCommit = Instant.EPOCH;
  private volatile Duration delay = Duration.ZERO;
  private volatile Lsn server = Lsn.ZERO;

  public StreamMeter(InstantSource clock) {
    this.clock = clock;
  }

  /** A batch was delivered, with at least one event. */
  public void delivered(List<Event> batch, long size) {
    events.add(batch.size());
    bytes.add(size);
    for (int i = batch.size() - 1; i >= 0; i--) {
      Transaction transaction = batch.get(i).transaction();
      if (transaction.xid() != 0) { // a message outside transactions was not committed
        lastCommit = transaction.commitTime();
        delay = Duration.between(transaction.commitTime(), clock.instant());
        return;
      }
    }
  }

  /** What the server was asked while nothing was read. */
  public void serverAt(Lsn position) {
    server = Lsn.max(server, position);
  }

  public void reconnected() {
    reconnects.increment();
  }

  public StreamStatus status(@Nullable WalStream wal, Lsn received, Lsn durable) {
    Lsn reported = wal == null ? received : Lsn.max(received, new Lsn(wal.walEnd()));
    return StreamStatus.builder()
        .connected(wal != null)
        .receivedLsn(received)
        .flushedLsn(durable)
        .serverLsn(Lsn.max(reported, server))
        .events(events.sum())
        .bytes(bytes.sum())
        .reconnects(reconnects.sum())
        .lastCommitTime(lastCommit)
        .delay(delay)
        .build();
  }
}
