package dev.pgetl.it.capture;

import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A stream of slot {@code s} on publication {@code pub}, read by the test's thread, and what has
 * come.
 */
final class StreamReader implements AutoCloseable {
  static final String SLOT = "s";
  private static final long PATIENCE = Duration.ofSeconds(30).toNanos();
  private static final long STEP = Duration.ofMillis(20).toNanos();

  private final WalStream stream;
  private final StringBuilder types = new StringBuilder();
  private final List<String> inserted = new ArrayList<>();
  private long commits;
  private boolean changed;
  private long keepalives;
  private Lsn lastCommitEnd = Lsn.ZERO;

  StreamReader(SourceDatabase source) {
    this(source, Lsn.ZERO);
  }

  StreamReader(SourceDatabase source, Lsn from) {
    stream = source.openReplication("apply").stream(SLOT, "pub", from, ValueFormat.TEXT);
  }

  WalStream stream() {
    return stream;
  }

  /** The letters of the messages that have come. */
  String types() {
    return types.toString();
  }

  /** The first column of each inserted row, as text. */
  List<String> inserted() {
    return inserted;
  }

  long keepalives() {
    return keepalives;
  }

  /** The end of the last transaction with changes that has come. */
  Lsn lastCommitEnd() {
    return lastCommitEnd;
  }

  /** Reads once. */
  WalStream.Input read() {
    WalStream.Input input = stream.poll(STEP);
    if (input == WalStream.Input.DATA) {
      take();
    } else if (input == WalStream.Input.KEEPALIVE) {
      keepalives++;
    }
    return input;
  }

  StreamReader readUntil(BooleanSupplier reached) {
    long begin = System.nanoTime();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() - begin > PATIENCE) {
        String last = types.substring(Math.max(0, types.length() - 100));
        throw new AssertionError(
            "not reached; the last of " + types.length() + " messages: " + last);
      }
      read();
    }
    return this;
  }

  /**
   * Reads until so many transactions with changes have come: Postgres 14 sends those without as
   * well, and the server's own housekeeping makes some.
   */
  StreamReader readCommits(long count) {
    return readUntil(() -> commits >= count);
  }

  private void take() {
    ByteBuffer message = ByteBuffer.wrap(stream.bytes(), stream.offset(), stream.length());
    char type = (char) message.get();
    types.append(type);
    if (type == 'C' && changed) {
      commits++;
      lastCommitEnd = new Lsn(message.getLong(stream.offset() + 10));
    }
    changed = type != 'B' && type != 'C' && (changed || type != 'R');
    if (type == 'I') {
      message.position(stream.offset() + 1 + 4 + 1 + 2 + 1);
      byte[] text = new byte[message.getInt()];
      message.get(text);
      inserted.add(new String(text, StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    stream.close();
  }
}
