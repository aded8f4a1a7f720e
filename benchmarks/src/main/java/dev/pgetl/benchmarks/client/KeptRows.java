package dev.pgetl.benchmarks.client;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Which rows a destination has, by the number that is their key: a bit each, in a file in memory,
 * which the system keeps when the process is killed. Thread-safe.
 */
final class KeptRows {
  private static final int ACCEPTED = 0;
  private static final int PRESENT = 8;
  private static final int DISTINCT = 16;
  private static final int BITS = 24;

  private final Object lock = new Object();
  private final MappedByteBuffer file;

  private KeptRows(MappedByteBuffer file) {
    this.file = file;
  }

  /**
   * {@return the rows that the file names; none if there is no file yet}
   *
   * @param path the file
   * @param rows the largest key
   * @throws IOException if the file cannot be opened
   */
  static KeptRows open(Path path, long rows) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new KeptRows(channel.map(FileChannel.MapMode.READ_WRITE, 0, BITS + rows / 8 + 1));
    }
  }

  /** Adds a row; one that is there already is there twice. */
  void add(long key) {
    synchronized (lock) {
      change(ACCEPTED, 1);
      change(PRESENT, 1);
      int index = Math.toIntExact(BITS + key / 8);
      int bits = file.get(index);
      int bit = 1 << (int) (key % 8);
      if ((bits & bit) == 0) {
        file.put(index, (byte) (bits | bit));
        change(DISTINCT, 1);
      }
    }
  }

  private void change(int index, long by) {
    file.putLong(index, file.getLong(index) + by);
  }

  /**
   * Removes the rows from a key up to another, which is left out. A row that was there twice still
   * counts as present once, because only one is known.
   */
  void remove(long from, long to) {
    synchronized (lock) {
      long end = Math.min(to, 8L * (file.capacity() - BITS));
      for (long key = Math.max(0, from); key < end; key++) {
        int index = Math.toIntExact(BITS + key / 8);
        int bits = file.get(index);
        int bit = 1 << (int) (key % 8);
        if ((bits & bit) != 0) {
          file.put(index, (byte) (bits & ~bit));
          change(PRESENT, -1);
          change(DISTINCT, -1);
        }
      }
    }
  }

  /** Removes all rows. */
  void clear() {
    synchronized (lock) {
      for (int index = BITS; index < file.capacity(); index++) {
        file.put(index, (byte) 0);
      }
      file.putLong(PRESENT, 0);
      file.putLong(DISTINCT, 0);
    }
  }

  /** {@return how many rows were added ever} */
  long accepted() {
    return read(ACCEPTED);
  }

  /** {@return how many rows are there, each as often as it was added} */
  long present() {
    return read(PRESENT);
  }

  /** {@return how many different rows are there} */
  long distinct() {
    return read(DISTINCT);
  }

  private long read(int index) {
    synchronized (lock) {
      return file.getLong(index);
    }
  }
}
