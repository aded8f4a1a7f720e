package dev.pgetl.internal.runtime.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamMeterTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");
  private static final Instant COMMITTED = Instant.parse("2026-01-01T00:00:00Z");

  private final StreamMeter meter = new StreamMeter(() -> NOW);

  private StreamStatus status() {
    return meter.status(null, new Lsn(5), new Lsn(3));
  }

  private static Event committed(Instant at) {
    return new Event.Begin(new Transaction(new Lsn(1), at, 1));
  }

  private static Event messageOutsideTransactions() {
    Transaction none = new Transaction(new Lsn(1), Instant.EPOCH, 0);
    return new Event.Message(none, 0, false, new Lsn(1), "p", ByteBuffer.allocate(0));
  }

  @Test
  void countsWhatWasDelivered() {
    meter.delivered(List.of(committed(COMMITTED), committed(COMMITTED)), 100);
    meter.delivered(List.of(committed(COMMITTED)), 50);
    meter.reconnected();

    assertThat(status())
        .isEqualTo(
            StreamStatus.builder()
                .receivedLsn(new Lsn(5))
                .flushedLsn(new Lsn(3))
                .serverLsn(new Lsn(5))
                .events(3)
                .bytes(150)
                .reconnects(1)
                .lastCommitTime(COMMITTED)
                .delay(Duration.ofMinutes(1))
                .build());
  }

  @Test
  void theLagGrowsWhileNothingIsRead() {
    assertThat(status().lagBytes()).isEqualTo(2);

    meter.serverAt(new Lsn(10));
    meter.serverAt(Lsn.ZERO); // could not be asked

    assertThat(status().lagBytes()).isEqualTo(7);
  }

  @Test
  void tellsTheDelayOfTheLastTransaction() {
    meter.delivered(List.of(committed(COMMITTED), committed(NOW)), 100);

    assertThat(status().lastCommitTime()).isEqualTo(NOW);
  }

  @Test
  void aMessageOutsideTransactionsHasNoDelay() {
    meter.delivered(List.of(committed(COMMITTED), messageOutsideTransactions()), 100);
    meter.delivered(List.of(messageOutsideTransactions()), 100);

    assertThat(status().lastCommitTime()).isEqualTo(COMMITTED);
  }
}
