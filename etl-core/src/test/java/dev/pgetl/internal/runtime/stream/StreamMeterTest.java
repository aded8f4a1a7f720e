package dev.pgetl.internal.runtime.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.runtime.worker.Trouble;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StreamMeterTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");
  private static final Instant COMMITTED = Instant.parse("2026-01-01T00:00:00Z");

  private final StreamMeter meter = new StreamMeter(PipelineListener.NONE, () -> NOW);

  private StreamStatus status() {
    return meter.status(true, new Lsn(5), new Lsn(3));
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
                .connected(true)
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
    assertThat(status().lagBytes()).hasValue(2);

    meter.serverAt(new Lsn(10));
    meter.serverAt(Lsn.ZERO); // could not be asked

    assertThat(status().lagBytes()).hasValue(7);
  }

  /** What the server before it had is no lag. */
  @Test
  void theLagIsThatOfThePromotedServer() {
    meter.serverAt(new Lsn(10));

    meter.endAt(new Lsn(6));

    assertThat(status().lagBytes()).hasValue(3);
  }

  @Test
  void tellsTheDelayOfTheLastTransaction() {
    meter.delivered(List.of(committed(COMMITTED), committed(NOW)), 100);

    assertThat(status().lastCommitTime()).isEqualTo(NOW);
  }

  /** A destination that fails for minutes must not look like one that took 20 ms. */
  @Test
  void theDelayGrowsWhileATransactionWaits() {
    meter.delivering(List.of(committed(NOW.minusMillis(20))));
    meter.delivered(List.of(committed(NOW.minusMillis(20))), 100);
    meter.progressed(true);
    assertThat(status().delay()).isEqualTo(Duration.ofMillis(20));
    assertThat(status().oldestUndelivered()).isEmpty();

    meter.delivering(List.of(messageOutsideTransactions(), committed(COMMITTED)));
    meter.delivering(List.of(committed(NOW)));
    meter.delivered(List.of(committed(NOW)), 100);
    meter.progressed(false);

    assertThat(status().oldestUndelivered()).hasValue(COMMITTED);
    assertThat(status().delay()).isEqualTo(Duration.ofMinutes(1));

    meter.progressed(true);
    assertThat(status().oldestUndelivered()).isEmpty();
  }

  /** What was delivered before becomes durable while a call fails, and says nothing of that one. */
  @Test
  void aTransactionInAFailingCallWaitsAlthoughThoseBeforeItAreDurable() {
    meter.delivering(List.of(committed(NOW.minusMillis(20))));
    meter.delivered(List.of(committed(NOW.minusMillis(20))), 100);
    meter.delivering(List.of(committed(COMMITTED)));
    meter.progressed(true);

    assertThat(status().oldestUndelivered()).hasValue(COMMITTED);
    assertThat(status().delay()).isEqualTo(Duration.ofMinutes(1));

    meter.delivered(List.of(committed(COMMITTED)), 100);
    assertThat(status().oldestUndelivered()).hasValue(COMMITTED);
    meter.progressed(true);
    assertThat(status().oldestUndelivered()).isEmpty();
  }

  @Test
  void knowsWhenThePositionMovedLast() {
    assertThat(status().lastProgress()).isEqualTo(Instant.EPOCH);

    meter.progressed(false);

    assertThat(status().lastProgress()).isEqualTo(NOW);
  }

  @Test
  void knowsWhatFails() {
    EtlException away = new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "away");
    for (Trouble place : List.of(meter.reading(), meter.delivering(), meter.storing())) {
      place.failed(away, 1, null);
      assertThat(status().failure()).hasValue(Objects.requireNonNull(place.now()));
      place.over();
    }
    assertThat(status().failure()).isEmpty();
  }

  @Test
  void aMessageOutsideTransactionsHasNoDelay() {
    meter.delivered(List.of(committed(COMMITTED), messageOutsideTransactions()), 100);
    meter.delivered(List.of(messageOutsideTransactions()), 100);

    assertThat(status().lastCommitTime()).isEqualTo(COMMITTED);
  }
}
