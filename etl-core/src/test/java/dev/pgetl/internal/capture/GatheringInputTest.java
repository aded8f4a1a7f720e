package dev.pgetl.internal.capture;

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
  private static final class ScriptedKernel implements GatheringInput.Kernel {
    private final Deque<byte[]> pieces = new ArrayDeque<>();
    private final List<Integer> timeouts = new ArrayList<>();
    private int lastRoom;
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
    public int available() {
      return pieces.isEmpty() ? 0 : pieces.peek().length;
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
    assertThat(kernel.lastRoom).isEqualTo(GatheringInput.BUFFER_BYTES);
  }

  @Test
  void readsALargeRequestWithoutCopying() throws IOException {
    byte[] target = new byte[GatheringInput.BUFFER_BYTES + 1];
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
    kernel.give(GatheringInput.BUFFER_BYTES, 1);
    assertThatThrownBy(
            () -> {
              input.readAhead(1_000_000);
              input.readAhead(1_000_000);
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
    input.stream(ticks::add);
    kernel.give(50_000, 50_000);
    readAll(50_000);
    now += 1_000_000;
    readAll(50_000);
    assertThat(pause.nanos()).isPositive();
  }

  @Test
  void doesNotPauseWhileMoreIsThere() throws IOException {
    input.stream(ticks::add);
    kernel.give(50_000);
    readAll(50_000);
    now += 1_000_000;
    kernel.give(50_000, 8_192, 10);
    readAll(50_000);
    now += 1_000_000_000;
    readAll(8_192);
    assertThat(pause.nanos()).as("asked only when nothing much was left").isPositive();
    readAll(10);
    assertThat(pause.nanos()).isZero();
  }

  private void readAll(int length) throws IOException {
    assertThat(input.readAhead(1_000_000)).isEqualTo(length);
    assertThat(input.read(new byte[length], 0, length)).isEqualTo(length);
  }
}
