package dev.pgetl.verify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The hash by which rows are compared: what {@code hashtextextended} of Postgres answers on a
 * little-endian machine. For destinations that are not a Postgres database. Stateless.
 *
 * <p>It finds accidents, not forgeries: two different rows have the same hash by chance once in
 * 2^64.
 */
public final class RowHash {
  private static final int START = 0x9e3779b9 + 3923095;
  private static final long OF_ROWS = 0;
  private static final long OF_GROUPS = 1;

  private RowHash() {}

  /**
   * {@return the hash of a row}
   *
   * @param values the text of each column; null for a null
   */
  public static long row(List<? extends @Nullable String> values) {
    return of(text(values), OF_ROWS);
  }

  /**
   * {@return the group of a row}
   *
   * @param key the values of its key; without key columns, those of all columns
   * @param groups how many groups there are; a power of two
   */
  public static int group(List<? extends @Nullable String> key, int groups) {
    return (int) (of(text(key), OF_GROUPS) & (groups - 1));
  }

  /**
   * {@return the hash of a text}
   *
   * @param text the text; its bytes in UTF-8 count
   * @param seed another one gives another hash
   */
  public static long of(String text, long seed) {
    return of(text.getBytes(StandardCharsets.UTF_8), seed);
  }

  /** Literals of SQL, as {@code format('%L,%L', …)} writes them: no two rows have the same text. */
  private static String text(List<? extends @Nullable String> values) {
    return values.stream().map(RowHash::literal).collect(Collectors.joining(","));
  }

  private static String literal(@Nullable String value) {
    if (value == null) {
      return "NULL";
    }
    boolean escapes = value.indexOf('\\') >= 0;
    String doubled = value.replace("'", "''");
    return escapes ? "E'" + doubled.replace("\\", "\\\\") + "'" : "'" + doubled + "'";
  }

  /** Bob Jenkins' lookup3, with two words of state as the answer. */
  private static long of(byte[] bytes, long seed) {
    ByteBuffer words =
        ByteBuffer.allocate((bytes.length / 12 + 1) * 12).order(ByteOrder.LITTLE_ENDIAN);
    words.put(bytes).rewind();
    int[] state = new int[3];
    Arrays.fill(state, START + bytes.length);
    if (seed != 0) {
      state[0] += (int) (seed >>> 32);
      state[1] += (int) seed;
      mix(state);
    }
    for (int left = bytes.length; left >= 12; left -= 12) {
      state[0] += words.getInt();
      state[1] += words.getInt();
      state[2] += words.getInt();
      mix(state);
    }
    state[0] += words.getInt();
    state[1] += words.getInt();
    state[2] += words.getInt() << 8; // the lowest byte is that of the length
    finish(state);
    return ((long) state[1] << 32) | (state[2] & 0xffffffffL);
  }

  private static void mix(int[] s) {
    step(s, 0, 2, 4, 1);
    step(s, 1, 0, 6, 2);
    step(s, 2, 1, 8, 0);
    step(s, 0, 2, 16, 1);
    step(s, 1, 0, 19, 2);
    step(s, 2, 1, 4, 0);
  }

  private static void step(int[] s, int x, int y, int bits, int z) {
    s[x] -= s[y];
    s[x] ^= Integer.rotateLeft(s[y], bits);
    s[y] += s[z];
  }

  private static void finish(int[] s) {
    last(s, 2, 1, 14);
    last(s, 0, 2, 11);
    last(s, 1, 0, 25);
    last(s, 2, 1, 16);
    last(s, 0, 2, 4);
    last(s, 1, 0, 14);
    last(s, 2, 1, 24);
  }

  private static void last(int[] s, int x, int y, int bits) {
    s[x] ^= s[y];
    s[x] -= Integer.rotateLeft(s[y], bits);
  }
}
