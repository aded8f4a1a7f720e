package dev.pgetl.internal.capture.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatheringInputTest {
  private static final int POLL = 1;

  /** A kernel that gives what it was given, piece by piece, and remembers how it was asked. */
  private final class ScriptedKernel implements GatheringInput.Kernel {
    private final Deque<byte[]> pieces = new ArrayDeque<>();
    private final List<Integer> timeouts = new ArrayList<>();
    private final List<Long> absences = new ArrayList<>();
    private final List<Long> unanswered = new ArrayList<>();
    private Runnable whileReading = () -> {};
    private int lastRoom;
    private int hiddenLooks;
    private boolean ended;

    ScriptedKernel give(int... lengths) {
      for (int length : lengths) {
        byte[] piece = new byte[length];
        java.util.Arrays.fill(piece, (byte) 'x');
        pieces.add(piece);
      }
      return this;
    }

    @Override
    public int read(byte[] into, int offset, int length, int timeoutMillis) throws IOException {
      timeouts.add(timeoutMillis);
      whileReading.run();
      unanswered.add(input.unansweredNanos());
      lastRoom = length;
      byte[] piece = pieces.poll();
      if (piece == null) {
        if (ended) {
          return -1;
        }
        throw new SocketTimeoutException("nothing");
      }
      int count = Math.min(length, piece.length);
      System.arraycopy(piece, 0, into, offset, count);
      if (count < piece.length) {
        pieces.addFirst(java.util.Arrays.copyOfRange(piece, count, piece.length));
      }
      return count;
    }

    @Override
    public void stayAway(long nanos) {
      absences.add(nanos);
    }

    @Override
    public int available() {
      boolean hidden = hiddenLooks > 0 && hiddenLooks-- > 0;
      return pieces.isEmpty() || hidden ? 0 : pieces.peek().length;
    }
  }

  private final ScriptedKernel kernel = new ScriptedKernel();
  private long now;
  private final List<Long> ticks = new ArrayList<>();
  private final ReadPause pause = new ReadPause(5_000_000, 0);
  private final GatheringInput input = new GatheringInput(kernel, () -> now, pause);

  @Test
  void readsLargePiecesForSmallRequests() throws IOException {
    kernel.give(1000);
    byte[] target = new byte[10];
    assertThat(input.read(target, 0, 10)).isEqualTo(10);
    assertThat(input.read()).isEqualTo('x');
    assertThat(input.available()).isEqualTo(989);
    assertThat(kernel.timeouts).hasSize(1);
    assertThat(kernel.lastRoom).isEqualTo(GatheringInput.READ_BYTES);
  }

  @Test
  void readsALargeRequestWithoutCopying() throws IOException {
    byte[] target = new byte[GatheringInput.READ_BYTES + 1];
    kernel.give(target.length);
    assertThat(input.read(target, 0, target.length)).isEqualTo(target.length);
    assertThat(input.available()).isZero();
  }

  @Test
  void passesTheTimeoutOnUntilItStreams() {
    input.timeoutMillis(1234);
    assertThatThrownBy(input::read).isInstanceOf(SocketTimeoutException.class);
    assertThat(kernel.timeouts).containsExactly(1234);
  }

  @Test
  void saysForHowLongItHasWaitedForAnAnswer() throws IOException {
    kernel.whileReading = () -> now += 70;
    kernel.give(3);
    assertThat(input.read()).isEqualTo('x');
    assertThat(kernel.unanswered).containsExactly(70L);
    assertThat(input.unansweredNanos()).isZero();
  }

  @Test
  void aStreamSaysItself() {
    input.stream(
        new GatheringInput.Watch() {
          @Override
          public void tick(long nowNanos) {}

          @Override
          public long unansweredNanos(long nowNanos) {
            return 5;
          }
        });
    assertThat(input.unansweredNanos()).isEqualTo(5);
  }

  @Test
  void answersThePollOfAStreamWithoutAskingTheKernel() throws IOException {
    input.stream(ticks::add);
    input.timeoutMillis(POLL);
    kernel.give(3);
    assertThatThrownBy(input::read).isInstanceOf(SocketTimeoutException.class);
    assertThat(kernel.timeouts).isEmpty();
    assertThat(input.available()).isZero();
    assertThat(input.readAhead(1_000_000_000)).isEqualTo(3);
    assertThat(input.read()).isEqualTo('x');
  }

  @Test
  void thePollsExceptionHasNoStackTrace() {
    input.stream(ticks::add);
    input.timeoutMillis(POLL);
    assertThatThrownBy(input::read).satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
  }

  @Test
  void readsAheadNoLongerThanAllowed() throws IOException {
    input.stream(ticks::add);
    assertThat(input.readAhead(20_000_000)).isZero();
    assertThat(input.readAhead(60_000_000_000L)).isZero();
    assertThat(kernel.timeouts).containsExactly(21, 1000);
    assertThat(input.readAhead(0)).isZero();
    assertThat(kernel.timeouts).hasSize(2);
    kernel.give(7);
    assertThat(input.readAhead(0)).isEqualTo(7);
  }

  @Test
  void readsAheadBehindWhatTheDriverHasNotTaken() throws IOException {
    input.stream(ticks::add);
    kernel.give(5, 6);
    input.readAhead(1_000_000);
    input.read();
    assertThat(input.readAhead(1_000_000)).isEqualTo(6);
    assertThat(input.available()).isEqualTo(10);
    kernel.ended = true;
    assertThat(input.readAhead(1_000_000)).isEqualTo(-1);
    assertThat(input.read(new byte[20], 0, 20)).isEqualTo(10);
    assertThat(input.read()).isEqualTo(-1);
  }

  @Test
  void failsIfTheDriverTakesNothingForEver() {
    input.stream(ticks::add);
    input.expectBulk(0, false);
    int pieces = GatheringInput.BULK_BYTES / GatheringInput.READ_BYTES;
    for (int i = 0; i < pieces; i++) {
      kernel.give(GatheringInput.READ_BYTES);
    }
    kernel.give(1);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i <= pieces; i++) {
                input.readAhead(1_000_000);
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not take");
  }

  @Test
  void waitsForTheRestOfAMessageInSlicesThatAreWatched() {
    input.stream(
        at -> {
          ticks.add(at);
          if (ticks.size() == 3) {
            throw new IOException("enough");
          }
        });
    assertThatThrownBy(input::read).hasMessage("enough");
    assertThat(kernel.timeouts).containsExactly(1000, 1000, 1000);
  }

  @Test
  void isWatchedAfterEveryRead() throws IOException {
    input.stream(ticks::add);
    kernel.give(1, 1);
    now = 10;
    input.read();
    now = 20;
    input.read();
    assertThat(ticks).containsExactly(10L, 20L);
    assertThat(input.lastByteAt()).isEqualTo(20);
  }

  @Test
  void pausesBetweenReadsThatBringMuch() throws IOException {
    runHot();
    kernel.give(10);
    now += 1_000_000_000;
    readAll(10);
    assertThat(pause.nanos()).as("that was little").isZero();
  }

  /** A table comes faster than a stream. */
  @Test
  void gathersWithoutAStreamToo() throws IOException {
    input.expectBulk(0, false);
    for (int i = 0; i < 2; i++) {
      now += 1_000_000;
      kernel.give(50_000);
      assertThat(input.read(new byte[50_000], 0, 50_000)).isEqualTo(50_000);
    }
    assertThat(pause.nanos()).isPositive();
    kernel.give(GatheringInput.READ_BYTES, ReadPause.WORTH_READING_BYTES);
    input.read();
    assertThat(input.available())
        .isEqualTo(GatheringInput.READ_BYTES + ReadPause.WORTH_READING_BYTES - 1);
  }

  /** Looking at what came first would leave the window open. */
  @Test
  void takesEverythingInBeforeAnybodyLooks() throws IOException {
    runHot();
    kernel.give(GatheringInput.READ_BYTES, ReadPause.WORTH_READING_BYTES, 10);
    input.readAhead(1_000_000);
    assertThat(input.available())
        .as("all but the little that is left for the next time")
        .isEqualTo(GatheringInput.READ_BYTES + ReadPause.WORTH_READING_BYTES);
  }

  @Test
  void takesNoMoreInThanThereIsRoomFor() throws IOException {
    runHot();
    giveOneReadMoreThanThereIsRoomFor();
    input.readAhead(1_000_000);
    assertThat(input.available()).isEqualTo(GatheringInput.BULK_BYTES);
    assertThat(kernel.pieces).hasSize(1);
  }

  private void giveOneReadMoreThanThereIsRoomFor() {
    for (int bytes = 0; bytes <= GatheringInput.BULK_BYTES; bytes += GatheringInput.READ_BYTES) {
      kernel.give(GatheringInput.READ_BYTES);
    }
  }

  /** Else the buffer and the pause together would be a limit for the stream. */
  @Test
  void doesNotStayAwayFromWhatFoundNoRoom() throws IOException {
    runHot();
    giveOneReadMoreThanThereIsRoomFor();
    input.readAhead(1_000_000);
    kernel.absences.clear();
    input.read(new byte[GatheringInput.BULK_BYTES], 0, GatheringInput.BULK_BYTES);
    input.readAhead(1_000_000);
    assertThat(input.available()).isEqualTo(GatheringInput.READ_BYTES);
    assertThat(kernel.absences).isEmpty();

    kernel.give(1);
    input.readAhead(1_000_000);
    assertThat(kernel.absences).as("that was all").hasSize(1);
  }

  /** The time it took to look at what came is part of it. */
  @Test
  void staysAwayForTheRestOfThePause() throws IOException {
    runHot();
    now += 300_000;
    kernel.give(1);
    input.readAhead(1_000_000);
    assertThat(kernel.absences).last().isEqualTo(pause.nanos() - 300_000);
  }

  @Test
  void waitsForNothingOnOneMachine() throws IOException {
    runHot();
    kernel.give(100_000, ReadPause.WORTH_READING_BYTES);
    kernel.hiddenLooks = 1;
    input.readAhead(1_000_000);
    assertThat(input.available()).isEqualTo(100_000);
  }

  /** The first read makes room, which the server fills a round trip later. */
  @Test
  void waitsARoundTripForWhatTheServerHadNoRoomFor() throws IOException {
    runHot(1_000, true);
    kernel.give(100_000, ReadPause.WORTH_READING_BYTES);
    kernel.hiddenLooks = 1;
    input.readAhead(1_000_000);
    assertThat(input.available()).isEqualTo(100_000 + ReadPause.WORTH_READING_BYTES);
    assertThat(kernel.absences).contains(1_000L);
  }

  @Test
  void readsOnInTheMiddleOfALargeMessage() throws IOException {
    runHot();
    long before = pause.nanos();
    byte[] message = new byte[3 * GatheringInput.READ_BYTES];
    kernel.give(GatheringInput.READ_BYTES, GatheringInput.READ_BYTES, GatheringInput.READ_BYTES);
    now += 1_000_000_000;
    for (int read = 0; read < message.length; ) {
      read += input.read(message, read, message.length - read);
    }
    assertThat(pause.nanos()).as("nobody asked how long to pause").isEqualTo(before);
  }

  @Test
  void knowsHowQuicklyTheServerAnswers() throws IOException {
    assertThat(input.quickestAnswerNanos()).isEqualTo(Long.MAX_VALUE);
    answerAfter(500);
    answerAfter(300);
    answerAfter(400);
    assertThat(input.quickestAnswerNanos()).isEqualTo(300);
    now += 5;
    kernel.give(1);
    input.read();
    assertThat(input.quickestAnswerNanos()).as("nothing was asked").isEqualTo(300);
    input.asked();
    input.forgetAnswers();
    kernel.give(1);
    input.read();
    assertThat(input.quickestAnswerNanos()).isEqualTo(Long.MAX_VALUE);
  }

  private void answerAfter(long nanos) throws IOException {
    input.asked();
    now += nanos;
    kernel.give(1);
    input.read();
  }

  private void runHot() throws IOException {
    runHot(0, false);
  }

  private void runHot(long roundTrip, boolean waits) throws IOException {
    input.stream(ticks::add);
    input.expectBulk(roundTrip, waits);
    kernel.give(50_000, 50_000);
    readAll(50_000);
    now += 1_000_000;
    readAll(50_000);
    assertThat(pause.nanos()).isPositive();
  }

  private void readAll(int length) throws IOException {
    assertThat(input.readAhead(1_000_000)).isEqualTo(length);
    assertThat(input.read(new byte[length], 0, length)).isEqualTo(length);
  }
}
