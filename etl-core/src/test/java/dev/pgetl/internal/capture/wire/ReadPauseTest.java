package dev.pgetl.internal.capture.wire;

import static dev.pgetl.internal.capture.wire.ModelServer.MILLI;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadPauseTest {
  private static final long LONGEST = 20 * MILLI;
  private static final long[] CONSTANTS = {
    0,
    250_000,
    500_000,
    MILLI,
    3 * MILLI / 2,
    2 * MILLI,
    3 * MILLI,
    5 * MILLI,
    7 * MILLI,
    10 * MILLI,
    LONGEST
  };
  private static final int SERVERS = 100;
  private static final int SMALL_ROW = 100;

  private final ReadPause pause = new ReadPause(LONGEST, 0);
  private long now;

  @Test
  void endsWithinATenthOfTheBestConstantOfEveryServer() {
    List<String> worse = new ArrayList<>();
    for (long seed = 0; seed < SERVERS; seed++) {
      double best = bestConstant(seed);
      ModelServer server = ModelServer.generated(seed);
      ReadPause found = pauseFor(server);
      server.run(found, 500 * MILLI);
      double pace = server.run(found, 2_000 * MILLI);
      if (pace < 0.9 * best) {
        worse.add(
            "seed %d: %.1f of %.1f, pause %d us, %s"
                .formatted(seed, pace, best, found.nanos() / 1_000, server));
      }
    }
    assertThat(worse).isEmpty();
  }

  /** Of those that do not wait for more than the reader has room for. */
  private static double bestConstant(long seed) {
    double best = 0;
    for (long constant : CONSTANTS) {
      ModelServer server = ModelServer.generated(seed);
      server.run(constant, 500 * MILLI);
      double pace = server.run(constant, 1_000 * MILLI);
      if (pace * constant / 1_000 <= GatheringInput.BULK_BYTES) {
        best = Math.max(best, pace);
      }
    }
    return best;
  }

  @Test
  void followsRowsThatBecomeLargeAndSmallAgain() {
    ModelServer server = new ModelServer(7, 0, 540 << 10, 1, 0.3);
    ReadPause found = pauseFor(server);
    double small = 0;
    double large = 0;
    for (int i = 0; i < 5; i++) {
      server.rows(SMALL_ROW, 20, 45);
      small += server.run(found, 1_000 * MILLI) / 5;
      server.rows(64 << 10, 300, 300);
      large += server.run(found, 1_000 * MILLI) / 5;
    }
    assertThat(small).isGreaterThan(0.9 * alone(SMALL_ROW, 20, 45));
    assertThat(large).isGreaterThan(0.9 * alone(64 << 10, 300, 300));
  }

  private static double alone(double rowBytes, double openPace, double closedPace) {
    return alone(540 << 10, rowBytes, openPace, closedPace);
  }

  private static double alone(
      double bufferBytes, double rowBytes, double openPace, double closedPace) {
    ModelServer server = new ModelServer(7, 0, bufferBytes, 1, 0.3);
    server.rows(rowBytes, openPace, closedPace);
    return server.run(pauseFor(server), 3_000 * MILLI);
  }

  /** Small buffers have taught it short pauses; a moment later the rows are small. */
  @Test
  void forgetsWhatItLearnedFromOtherRows() {
    for (int kilobytes : new int[] {256, 300, 450}) {
      ModelServer server = new ModelServer(7, 0, kilobytes << 10, 1, 0.3);
      ReadPause found = pauseFor(server);
      server.rows(8 << 10, 250, 300);
      server.run(found, 3_000 * MILLI);
      found.onQuiet(server.now());
      server.rows(SMALL_ROW, 20, 45);
      server.run(found, 6_000 * MILLI);
      assertThat(server.run(found, 1_000 * MILLI))
          .as("buffers of %d KB", kilobytes)
          .isGreaterThan(0.9 * alone(kilobytes << 10, SMALL_ROW, 20, 45));
    }
  }

  private static ReadPause pauseFor(ModelServer server) {
    ReadPause created = new ReadPause(LONGEST, 0);
    created.expectBulk(server.roundTrip());
    return created;
  }

  @Test
  void growsUntilEnoughGathers() {
    assertThat(cycle(MILLI, 20_000)).isEqualTo(MILLI / 2);
    cycle(MILLI / 2, 20_000);
    assertThat(cycle(MILLI / 2, 20_000)).isEqualTo(MILLI);
    for (int i = 0; i < 10; i++) {
      cycle(pause.nanos(), (int) (pause.nanos() / 1_000 * 20));
    }
    assertThat(pause.nanos()).isEqualTo(LONGEST);
  }

  @Test
  void becomesShorterWhenMoreThanEnoughGathers() {
    growsUntilEnoughGathers();
    for (int i = 0; i < 4; i++) {
      cycle(LONGEST, 2_000_000);
    }
    assertThat(pause.nanos()).isLessThanOrEqualTo(LONGEST / 2);
  }

  @Test
  void endsAsSoonAsThePaceDrops() {
    cycle(MILLI, 20_000);
    assertThat(cycle(MILLI, 1_999)).isZero();
    assertThat(cycle(MILLI, 1_999)).isZero();
  }

  @Test
  void endsWhenNothingCame() {
    cycle(MILLI, 50_000);
    pause.onQuiet(now);
    assertThat(pause.nanos()).isZero();
    assertThat(cycle(MILLI, 1_999)).isZero();
  }

  @Test
  void manySmallReadsAreAHighPace() {
    for (int i = 0; i < 4; i++) {
      assertThat(cycle(100_000, 250)).isZero();
    }
    assertThat(cycle(100_000, 250)).isEqualTo(MILLI / 2);
  }

  @Test
  void doesNotWaitForLargeMessages() {
    for (int i = 0; i < 100; i++) {
      pause.taken();
      pause.taken();
      assertThat(cycle(MILLI, 3 * ReadPause.LARGE_MESSAGE_BYTES)).isZero();
    }
  }

  @Test
  void waitsForSmallMessagesThatCarryALargeOneAmongThem() {
    for (int i = 0; i < 100; i++) {
      for (int row = 0; row < 1_000; row++) {
        pause.taken();
      }
      long last = Math.max(MILLI, pause.nanos());
      cycle(last, (int) (last / 1_000 * 4 * ReadPause.LARGE_MESSAGE_BYTES / 1_000));
    }
    assertThat(pause.nanos()).isGreaterThan(2 * MILLI);
  }

  @Test
  void isNeverWithoutADelay() {
    ReadPause none = new ReadPause(0, 0);
    for (long at = MILLI; at < 1_000 * MILLI; at += MILLI) {
      none.received(1_000_000);
      assertThat(none.next(at)).isZero();
    }
  }

  private long cycle(long nanos, int bytes) {
    now += nanos;
    pause.received(bytes);
    return pause.next(now);
  }
}
