package dev.pgetl.destination.http;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Items written one after the other, with the places where each begins and ends, so that any run of
 * them can be sent. Bytes once written never change. Owned by one thread.
 */
final class ItemBuffer extends OutputStream {
  private static final int INITIAL_SIZE = 1 << 13;
  private static final int MAX_SIZE = Integer.MAX_VALUE - 8;

  private final byte[] separator;
  private byte[] bytes;
  private int size;
  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private int count;

  ItemBuffer(byte[] separator, int expectedSize) {
    this.separator = separator;
    this.bytes = new byte[Math.max(INITIAL_SIZE, expectedSize)];
  }

  @Override
  public void write(int b) {
    reserve(1);
    bytes[size++] = (byte) b;
  }

  @Override
  public void write(byte[] from, int offset, int length) {
    reserve(length);
    System.arraycopy(from, offset, bytes, size, length);
    size += length;
  }

  void beginItem() {
    if (count > 0) {
      write(separator, 0, separator.length);
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      ends = Arrays.copyOf(ends, 2 * count);
    }
    starts[count] = size;
  }

  void endItem() {
    ends[count++] = size;
  }

  int count() {
    return count;
  }

  /**
   * {@return the items from the first index up to, not including, the second, with separators
   * between them}
   */
  ByteBuffer items(int from, int to) {
    return from == to
        ? ByteBuffer.allocate(0)
        : ByteBuffer.wrap(bytes, starts[from], ends[to - 1] - starts[from]);
  }

  /** {@return how many bytes the items take, with the separators between them} */
  int size() {
    return size;
  }

  /** {@return a buffer of its own with the items from the index on} */
  ItemBuffer from(int from) {
    ItemBuffer rest = new ItemBuffer(separator, bytes.length);
    for (int i = from; i < count; i++) {
      rest.beginItem();
      rest.write(bytes, starts[i], ends[i] - starts[i]);
      rest.endItem();
    }
    return rest;
  }

  private void reserve(int length) {
    long needed = (long) size + length;
    if (needed > MAX_SIZE) {
      throw new FullException();
    }
    if (needed > bytes.length) {
      long doubled = Math.min(2L * bytes.length, MAX_SIZE);
      bytes = Arrays.copyOf(bytes, (int) Math.max(doubled, needed));
    }
  }

  /** An item and its neighbours do not fit into an array. */
  static final class FullException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
