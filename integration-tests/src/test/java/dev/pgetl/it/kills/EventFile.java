package dev.pgetl.it.kills;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Every event of a table that was handed over, in order, and what happened between: 32 bytes each.
 * A record that was cut short by the end of a process is dropped. Not thread-safe.
 */
final class EventFile implements Closeable {
  /** What a record is about. */
  enum Kind {
    /** A process starts; the key is the position from which it may repeat events. */
    STARTED('S'),
    /** A stream of the process connects again. */
    RECONNECTED('C'),
    /** The table is empty, and keys begin again. */
    TRUNCATED('T'),
    /** A change. */
    EVENT('E');

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static Kind of(int code) {
      return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst().orElseThrow();
    }
  }

  /**
   * A record.
   *
   * @param kind what it is about
   * @param process the number of the process
   * @param key that of the event, or a position
   * @param content a hash of all that the event says
   */
  record Entry(Kind kind, int process, EventKey key, long content) {}

  /** Takes the records of a file. */
  @FunctionalInterface
  interface Reader {
    void read(Entry entry);
  }

  private static final int RECORD = 32;
  private static final int MOST = 4096;

  private final FileChannel file;
  private final int process;
  private final ByteBuffer buffer = ByteBuffer.allocate(MOST * RECORD);

  private EventFile(FileChannel file, int process) {
    this.file = file;
    this.process = process;
  }

  /** Opens a file to write behind its last whole record. */
  static EventFile append(Path path, int process) {
    try {
      FileChannel file =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      long whole = file.size() - file.size() % RECORD;
      return new EventFile(file.truncate(whole).position(whole), process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a record, which is in the file after {@link #write}. */
  void add(Kind kind, EventKey key, long content) {
    if (!buffer.hasRemaining()) {
      write();
    }
    buffer.putInt(kind.code).putInt(process);
    buffer.putLong(key.commit()).putLong(key.ordinal()).putLong(content);
  }

  /** What was added outlives the process from now on. */
  void write() {
    buffer.flip();
    try {
      while (buffer.hasRemaining()) {
        int unused = file.write(buffer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    buffer.clear();
  }

  /** Reads all whole records. */
  static void read(Path path, Reader reader) {
    try (DataInputStream input =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
      for (long left = Files.size(path) / RECORD; left > 0; left--) {
        Kind kind = Kind.of(input.readInt());
        int process = input.readInt();
        EventKey key = new EventKey(input.readLong(), input.readLong());
        reader.read(new Entry(kind, process, key, input.readLong()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
