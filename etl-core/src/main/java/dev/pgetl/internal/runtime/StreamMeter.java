package dev.pgetl.internal.runtime;

import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.observe.PipelineStatus.StreamStatus;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what the main stream does. Thread-safe. */
final class StreamMeter {
  private final InstantSource clock;
  private final LongAdder events = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder reconnects = new LongAdder();
  private volatile Instant lastCommit = Instant.EPOCH;
  private volatile Duration delay = Duration.ZERO;

  StreamMeter(InstantSource clock) {
    this.clock = clock;
  }

  /** A batch was delivered, with at least one event. */
  void delivered(List<Event> batch, long size) {
    events.add(batch.size());
    bytes.add(size);
    Instant commit = batch.get(batch.size() - 1).transaction().commitTime();
    lastCommit = commit;
    delay = Duration.between(commit, clock.instant());
  }

  void reconnected() {
    reconnects.increment();
  }

  StreamStatus status(@Nullable WalStream wal, Lsn received, Lsn durable) {
    Lsn server = wal == null ? received : Lsn.max(received, new Lsn(wal.walEnd()));
    return new StreamStatus(
        wal != null,
        received,
        durable,
        server,
        events.sum(),
        bytes.sum(),
        reconnects.sum(),
        lastCommit,
        delay);
  }
}
