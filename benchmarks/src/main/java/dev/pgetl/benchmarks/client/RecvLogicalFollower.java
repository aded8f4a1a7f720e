package dev.pgetl.benchmarks.client;

import dev.pgetl.benchmarks.measure.Latencies;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * {@code pg_recvlogical} behind a pipe, to see how old the transactions are that come out of it.
 * The tables have inserts only.
 */
public final class RecvLogicalFollower implements Client {
  private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  private final Latencies latencies = new Latencies();

  @Override
  public void run(Task task, Conversation harness) throws IOException {
    harness.awaitBegin();
    Process program =
        new ProcessBuilder(RecvLogical.command(task.text(Setting.PROGRAM), task, "-"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      Thread reader = new Thread(() -> read(program), "reader");
      reader.setDaemon(true);
      reader.start();
      harness.follow(latencies);
    } finally {
      program.destroy();
    }
  }

  private void read(Process program) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(program.getInputStream(), 1 << 16))) {
      while (true) {
        message(in);
      }
    } catch (EOFException ignored) {
      // The program has been ended.
    } catch (IOException e) {
      System.err.println("reading what pg_recvlogical prints ended: " + e);
    }
  }

  private void message(DataInputStream in) throws IOException {
    byte kind = in.readByte();
    switch (kind) {
      case 'B' -> in.skipNBytes(20);
      case 'C' -> commit(in);
      case 'R' -> relation(in);
      case 'I' -> insert(in);
      default -> throw new IOException("message type " + (char) kind + " was not expected");
    }
    in.skipNBytes(1); // pg_recvlogical ends each message with a line feed
  }

  private void commit(DataInputStream in) throws IOException {
    in.skipNBytes(17);
    Instant committed = POSTGRES_EPOCH.plus(in.readLong(), ChronoUnit.MICROS);
    latencies.add(ChronoUnit.MICROS.between(committed, Instant.now()));
  }

  private static void relation(DataInputStream in) throws IOException {
    in.skipNBytes(4);
    skipString(in);
    skipString(in);
    in.skipNBytes(1);
    int columns = in.readUnsignedShort();
    for (int i = 0; i < columns; i++) {
      in.skipNBytes(1);
      skipString(in);
      in.skipNBytes(8);
    }
  }

  private static void insert(DataInputStream in) throws IOException {
    in.skipNBytes(5);
    int columns = in.readUnsignedShort();
    for (int i = 0; i < columns; i++) {
      if (in.readByte() == 't') {
        in.skipNBytes(in.readInt());
      }
    }
  }

  private static void skipString(DataInputStream in) throws IOException {
    while (in.readByte() != 0) {
      // Goes on to its end.
    }
  }
}
