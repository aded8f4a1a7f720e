package dev.pgetl.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.wal.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FeedbackTest {
  private static final int MESSAGE_BYTES = 1 + 4 + 34;

  /** A standby status update as the server reads it. */
  private record Status(long received, long flushed, long applied, long clock, boolean ping) {}

  private final PgConnectionConfig config =
      PgConnectionConfig.builder("h", "d", "u")
          .statusInterval(Duration.ofSeconds(1))
          .walSenderTimeout(Duration.ofSeconds(10))
          .build();
  private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
  private long lastByteAt;
  private Feedback feedback;

  @BeforeEach
  void open() throws IOException {
    feedback = new Feedback(wire, () -> lastByteAt, config, new Lsn(100), 0);
    feedback.tick(0);
  }

  @Test
  void beginsWithAStatus() {
    assertThat(sent()).containsExactly(new Status(100, 0, 0, 0, false));
  }

  @Test
  void tellsThePositionsOncePerInterval() throws IOException {
    sent();
    feedback.received(200);
    feedback.received(0);
    feedback.confirm(150);
    feedback.confirm(120);
    feedback.tick(millis(999));
    assertThat(sent()).isEmpty();
    assertThat(feedback.nanosUntilDue(millis(990))).isEqualTo(millis(10));
    feedback.tick(millis(1000));
    assertThat(sent()).containsExactly(new Status(200, 150, 150, 1_000_000, false));
  }

  @Test
  void neverConfirmsMoreThanWasReceived() throws IOException {
    sent();
    feedback.confirm(-1);
    feedback.tick(millis(1000));
    assertThat(sent()).extracting(Status::flushed).containsExactly(100L);
  }

  @Test
  void positionsAreUnsigned() throws IOException {
    sent();
    feedback.received(-1);
    feedback.received(300);
    feedback.confirm(-2);
    feedback.confirm(300);
    feedback.tick(millis(1000));
    assertThat(sent()).containsExactly(new Status(-1, -2, -2, 1_000_000, false));
  }

  @Test
  void tellsANewConfirmedPositionSoonWhileIdle() throws IOException {
    sent();
    assertThat(feedback.nanosUntilDue(0)).isEqualTo(millis(100));
    feedback.confirm(50);
    feedback.idle(millis(50));
    assertThat(sent()).isEmpty();
    feedback.idle(millis(100));
    assertThat(sent()).hasSize(1);
    feedback.idle(millis(300));
    assertThat(sent()).isEmpty();
  }

  @Test
  void sleepsAWholeIntervalWhenEverythingIsConfirmed() throws IOException {
    feedback.confirm(100);
    feedback.send(0);
    assertThat(feedback.nanosUntilDue(0)).isEqualTo(millis(1000));
  }

  @Test
  void answersTheServerAtOnceButNotInABurst() throws IOException {
    feedback.tick(millis(500));
    sent();
    feedback.asked();
    feedback.tick(millis(500));
    feedback.asked();
    feedback.tick(millis(501));
    assertThat(sent()).hasSize(1);
    assertThat(feedback.nanosUntilDue(millis(501))).isEqualTo(millis(19));
    feedback.tick(millis(520));
    assertThat(sent()).hasSize(1);
  }

  @Test
  void asksTheServerForASignWhenToldOrAfterHalfTheSilence() throws IOException {
    sent();
    feedback.ping();
    feedback.tick(millis(1));
    assertThat(sent()).extracting(Status::ping).containsExactly(true);
    lastByteAt = millis(2);
    feedback.tick(millis(5001));
    assertThat(sent()).extracting(Status::ping).containsExactly(false);
    feedback.tick(millis(5002));
    assertThat(sent()).extracting(Status::ping).containsExactly(true);
  }

  @Test
  void saysForHowLongTheServerHasOwedAnAnswer() throws IOException {
    feedback.tick(millis(4999));
    assertThat(feedback.unansweredNanos(millis(4999))).isZero();
    feedback.tick(millis(5000));
    assertThat(feedback.unansweredNanos(millis(7000))).isEqualTo(millis(2000));
    lastByteAt = millis(7001);
    assertThat(feedback.unansweredNanos(millis(7002))).isZero();
  }

  @Test
  void theServerOwesNothingWhileNobodyReads() throws IOException {
    feedback.tick(millis(5000));
    feedback.notReading(millis(6000));
    assertThat(feedback.unansweredNanos(millis(7000))).isZero();
  }

  @Test
  void givesUpWhenTheServerDoesNotAnswer() throws IOException {
    feedback.tick(millis(5000));
    feedback.tick(millis(9999));
    assertThatThrownBy(() -> feedback.tick(millis(10_000)))
        .isInstanceOf(Feedback.SilenceException.class)
        .hasMessageContaining("nothing for 10 s");
  }

  @Test
  void whoAsksAgainAndAgainGivesTheServerNoMoreTime() throws IOException {
    for (int at = 100; at < 10_000; at += 100) {
      feedback.ping();
      feedback.idle(millis(at));
    }
    assertThatThrownBy(() -> feedback.idle(millis(10_000)))
        .hasMessageContaining("nothing for 10 s");
  }

  @Test
  void silenceIsNoSignWhileNobodyReads() throws IOException {
    feedback.tick(millis(5000));
    feedback.notReading(millis(20_000));
    feedback.tick(millis(20_100));
    feedback.tick(millis(25_000));
    sent();
    lastByteAt = millis(25_001);
    feedback.tick(millis(30_000));
    assertThat(sent()).extracting(Status::ping).containsExactly(false);
  }

  @Test
  void theClockIsTheServers() throws IOException {
    sent();
    feedback.serverClock(5_000_000, millis(100));
    feedback.tick(millis(1100));
    assertThat(sent()).extracting(Status::clock).containsExactly(6_000_000L);
  }

  @Test
  void theClockIsNotSetBackByAMessageThatWaitedInABuffer() throws IOException {
    sent();
    feedback.serverClock(5_000_000, millis(100));
    feedback.serverClock(5_100_000, millis(1100));
    feedback.tick(millis(1100));
    assertThat(sent()).extracting(Status::clock).containsExactly(6_000_000L);
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  /** Everything sent since the last call. */
  private List<Status> sent() {
    ByteBuffer bytes = ByteBuffer.wrap(wire.toByteArray());
    wire.reset();
    List<Status> messages = new ArrayList<>();
    while (bytes.hasRemaining()) {
      assertThat(bytes.get()).isEqualTo((byte) 'd');
      assertThat(bytes.getInt()).isEqualTo(MESSAGE_BYTES - 1);
      assertThat(bytes.get()).isEqualTo((byte) 'r');
      messages.add(
          new Status(
              bytes.getLong(),
              bytes.getLong(),
              bytes.getLong(),
              bytes.getLong(),
              bytes.get() == 1));
    }
    return messages;
  }
}
