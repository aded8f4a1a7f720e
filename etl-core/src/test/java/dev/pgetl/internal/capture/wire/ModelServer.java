package dev.pgetl.internal.capture.wire;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.function.LongUnaryOperator;

/**
 * A server that sends as fast as it can into buffers that hold so much, and a reader that takes all
 * there is and then stays away as long as it is told. In steps of virtual time; paces are in bytes
 * per microsecond, times in nanoseconds.
 */
final class ModelServer {
  static final long MILLI = 1_000_000;
  private static final long STEP = 20_000;
  private static final long WAKE_UP = 5_000;
  private static final double SMALL_WINDOW = 96 << 10;

  /** How fast it sends while the window is open, and while it is closed. */
  private double openPace;

  private double closedPace;
  private double rowBytes;
  private final double windowBytes;
  private final double bufferBytes;
  private final long roundTrip;
  private final double readerNanosPerByte;
  private final double noise;
  private final Random random;
  private final Deque<Mark> room = new ArrayDeque<>();
  private final Deque<Mark> onItsWay = new ArrayDeque<>();
  private long now = 1;
  private double sent;
  private double roomUntil;
  private double arrived;
  private double taken;
  private double rows;
  private double luck = 1;
  private long busyUntil;

  /** So much was so at this time. */
  private record Mark(long at, double bytes) {}

  /** {@return any of many servers; always the same one of a seed} */
  static ModelServer generated(long seed) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    double open = 4 * Math.pow(2, 6 * random.nextDouble());
    double closed = open * (1 + 1.2 * random.nextDouble());
    double buffer = (128 << 10) * Math.pow(2, 5 * random.nextDouble());
    long roundTrip = new long[] {0, 0, 0, MILLI, 20 * MILLI}[random.nextInt(5)];
    ModelServer server =
        new ModelServer(
            seed,
            roundTrip,
            roundTrip == 0 ? buffer : 4 * buffer,
            0.3 + 3 * random.nextDouble(),
            random.nextInt(2) * 0.3);
    server.rows(50 * Math.pow(2, 9 * random.nextDouble()), open, closed);
    return server;
  }

  ModelServer(
      long seed, long roundTrip, double bufferBytes, double readerNanosPerByte, double noise) {
    this.random = new Random(seed);
    this.roundTrip = roundTrip;
    this.bufferBytes = bufferBytes;
    this.windowBytes = roundTrip == 0 ? SMALL_WINDOW : Double.MAX_VALUE;
    this.readerNanosPerByte = readerNanosPerByte;
    this.noise = noise;
  }

  /** From now on it sends such rows. */
  void rows(double bytes, double whileOpen, double whileClosed) {
    rowBytes = bytes;
    openPace = whileOpen;
    closedPace = whileClosed;
  }

  long now() {
    return now;
  }

  long roundTrip() {
    return roundTrip;
  }

  double run(ReadPause pause, long nanos) {
    return run(pause::next, pause::received, pause::taken, nanos);
  }

  double run(long constant, long nanos) {
    return run(now -> constant, count -> {}, () -> {}, nanos);
  }

  /** {@return the pace of the reader in this time} */
  private double run(LongUnaryOperator next, Received received, Runnable rowTaken, long nanos) {
    long from = now;
    double before = taken;
    long lastRead = now;
    boolean foundNoRoom = false;
    while (now - from < nanos) {
      if (!foundNoRoom) {
        advance(next.applyAsLong(now) - (now - lastRead));
      }
      while (arrived - taken < 1) {
        advance(STEP);
      }
      int count = (int) Math.min(GatheringInput.BULK_BYTES, arrived - taken);
      foundNoRoom = arrived - taken - count >= ReadPause.WORTH_READING_BYTES;
      taken += count;
      room.add(new Mark(now + roundTrip / 2, taken));
      received.bytes(count);
      for (rows += count / rowBytes; rows >= 1; rows--) {
        rowTaken.run();
      }
      lastRead = now;
      advance((long) (count * readerNanosPerByte) + WAKE_UP);
    }
    return (taken - before) / (now - from) * 1_000;
  }

  private void advance(long nanos) {
    for (long until = now + nanos; now < until; now += STEP) {
      if (now % MILLI < STEP) {
        change();
      }
      roomUntil = reached(room, roomUntil);
      arrived = reached(onItsWay, arrived);
      if (now >= busyUntil) {
        double pace = sent - roomUntil < windowBytes ? openPace : closedPace;
        sent = Math.min(sent + pace * luck * STEP / 1_000, roomUntil + bufferBytes);
        onItsWay.add(new Mark(now + roundTrip / 2, sent));
      }
    }
  }

  /** Other processes of the machine want to run, too. */
  private void change() {
    luck = 1 + noise * (2 * random.nextDouble() - 1);
    if (random.nextDouble() < noise / 50) {
      busyUntil = now + random.nextInt(6_000_000);
    }
  }

  private double reached(Deque<Mark> marks, double before) {
    double reached = before;
    for (; !marks.isEmpty() && marks.peek().at <= now; marks.poll()) {
      reached = marks.peek().bytes;
    }
    return reached;
  }

  @Override
  public String toString() {
    return "open %.0f, closed %.0f, buffer %.0f kB, round trip %d ms, row %.0f, reader %.1f, noise %.1f"
        .formatted(
            openPace,
            closedPace,
            bufferBytes / 1024,
            roundTrip / MILLI,
            rowBytes,
            readerNanosPerByte,
            noise);
  }

  /** Takes note of a read. */
  private interface Received {
    void bytes(int count);
  }
}
