package dev.pgetl.it.kills;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The rows that a destination holds of one table, in a mapped file: what was put into it outlives a
 * process that is killed. A row is a place of 16 bytes, found by its key: version, checksum of its
 * note, marks. In front of them are counters and the key of the last event.
 *
 * <p>One process writes, one thread at a time; others may read the counters meanwhile.
 */
final class RowFile {
  /** What is counted. */
  enum Counter {
    /** Different rows that were handed over, since the last truncation. */
    DELIVERED(0),
    /** How often a row was handed over that had been before, since the last truncation. */
    AGAIN(8),
    /** The key of a row that was handed over lately. */
    LATEST(16),
    /** Truncations that found rows of the copy. */
    EMPTIED(24);

    private final int place;

    Counter(int place) {
      this.place = place;
    }
  }

  /** The checksum of a note that no event has brought. */
  static final int UNKNOWN = 0;

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final int SELECTED = 64;
  private static final int FIRST_KEY = 72;
  private static final int KEY_BYTES = 16;
  private static final int BEGUN = FIRST_KEY + 2 * KEY_BYTES;
  private static final int HEADER = 128;
  private static final int ROW = 16;

  private static final int PRESENT = 1;
  private static final int DELIVERED = 2;

  private final MappedByteBuffer file;
  private final long keys;

  private RowFile(MappedByteBuffer file, long keys) {
    this.file = file;
    this.keys = keys;
    file.order(ByteOrder.nativeOrder());
  }

  /**
   * Opens a file, which is made if there is none.
   *
   * @param keys smaller than this are all keys, and not negative
   */
  static RowFile open(Path path, long keys) {
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new RowFile(channel.map(FileChannel.MapMode.READ_WRITE, 0, HEADER + keys * ROW), keys);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- rows ----

  boolean isPresent(long key) {
    return (marks(key) & PRESENT) != 0;
  }

  long version(long key) {
    return file.getLong(place(key));
  }

  int note(long key) {
    return file.getInt(place(key) + Long.BYTES);
  }

  void put(long key, long version, int note) {
    file.putLong(place(key), version);
    file.putInt(place(key) + Long.BYTES, note);
    marks(key, marks(key) | PRESENT);
  }

  void remove(long key) {
    marks(key, marks(key) & ~PRESENT);
  }

  /** {@return whether a row of the copy was handed over before} */
  boolean deliver(long key) {
    boolean again = (marks(key) & DELIVERED) != 0;
    marks(key, marks(key) | DELIVERED);
    add(again ? Counter.AGAIN : Counter.DELIVERED, 1);
    set(Counter.LATEST, key);
    return again;
  }

  /** {@return how many rows there are whose keys lie in a range} */
  long present(long from, long to) {
    return count(from, to, PRESENT);
  }

  /** {@return how many rows of a range the copy has handed over, whatever became of them} */
  long delivered(long from, long to) {
    return count(from, to, DELIVERED);
  }

  private long count(long from, long to, int mark) {
    long count = 0;
    for (long key = Math.max(0, from); key < Math.min(keys, to); key++) {
      count += (marks(key) & mark) == 0 ? 0 : 1;
    }
    return count;
  }

  /** Removes the rows of a range; that the copy had handed them over is still known. */
  void removeRange(long from, long to) {
    for (long key = Math.max(0, from); key < Math.min(keys, to); key++) {
      remove(key);
    }
  }

  /** Removes all rows, and what is known of the copy and of the events. */
  void truncate() {
    if (counter(Counter.DELIVERED) > 0) {
      add(Counter.EMPTIED, 1);
      for (long key = 0; key < keys; key++) {
        marks(key, 0);
      }
    }
    set(Counter.DELIVERED, 0);
    set(Counter.AGAIN, 0);
    LONGS.setRelease(file, SELECTED, 0L);
  }

  long keys() {
    return keys;
  }

  private int marks(long key) {
    return file.getInt(place(key) + Long.BYTES + Integer.BYTES);
  }

  private void marks(long key, int marks) {
    file.putInt(place(key) + Long.BYTES + Integer.BYTES, marks);
  }

  private int place(long key) {
    if (key < 0 || key >= keys) {
      throw new IllegalArgumentException("no such key: " + key);
    }
    return Math.toIntExact(HEADER + key * ROW);
  }

  // ---- counters ----

  long counter(Counter counter) {
    return (long) LONGS.getAcquire(file, counter.place);
  }

  private void add(Counter counter, long more) {
    set(counter, counter(counter) + more);
  }

  private void set(Counter counter, long value) {
    LONGS.setRelease(file, counter.place, value);
  }

  // ---- the last event ----

  /** {@return the key of the last event that is in the rows; the smallest if there is none} */
  EventKey applied() {
    long selected = (long) LONGS.getAcquire(file, SELECTED);
    return selected == 0 ? EventKey.NONE : event(placeOfKey(selected));
  }

  /** {@return the key of the last event that was begun; it may be in the rows or not} */
  EventKey begun() {
    return event(BEGUN);
  }

  /** An event is about to change rows. */
  void begin(EventKey event) {
    event(BEGUN, event);
    VarHandle.releaseFence();
  }

  /** An event has changed rows. Two places take turns, so that one is whole at any moment. */
  void applied(EventKey event) {
    long next = (long) LONGS.getAcquire(file, SELECTED) == 1 ? 2 : 1;
    event(placeOfKey(next), event);
    LONGS.setRelease(file, SELECTED, next);
  }

  private static int placeOfKey(long selected) {
    return FIRST_KEY + (int) (selected - 1) * KEY_BYTES;
  }

  private EventKey event(int place) {
    return new EventKey(file.getLong(place), file.getLong(place + Long.BYTES));
  }

  private void event(int place, EventKey event) {
    file.putLong(place, event.commit());
    file.putLong(place + Long.BYTES, event.ordinal());
  }
}
