package dev.pgetl.wal;

import java.util.HexFormat;
import java.util.Locale;

/**
 * A position in the write-ahead log: an unsigned 64-bit byte offset, printed by Postgres as two
 * hexadecimal halves ({@code 16/B374D848}).
 *
 * <p>Ordering is unsigned. Positions of different clusters or timelines must not be compared.
 * Immutable.
 *
 * @param value the 64 bits, to be read as unsigned
 */
public record Lsn(long value) implements Comparable<Lsn> {

  /** {@code 0/0}, the position Postgres uses for "none". */
  public static final Lsn ZERO = new Lsn(0);

  /**
   * Reads the text form of Postgres.
   *
   * @param text for example {@code 0/16B3748}
   * @return the position
   * @throws IllegalArgumentException if the text is no position
   */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1 || slash > 8 || text.length() - slash < 2 || text.length() - slash > 9) {
      throw new IllegalArgumentException(
          "not an LSN: expected two hexadecimal halves as in 16/B374D848");
    }
    try {
      long high = HexFormat.fromHexDigitsToLong(text, 0, slash);
      long low = HexFormat.fromHexDigitsToLong(text, slash + 1, text.length());
      return new Lsn(high << 32 | low);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "not an LSN: expected two hexadecimal halves as in 16/B374D848", e);
    }
  }

  /**
   * {@return the later of two positions}
   *
   * @param a one position
   * @param b the other
   */
  public static Lsn max(Lsn a, Lsn b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  /**
   * {@return the position that many bytes further}
   *
   * @param bytes may be negative
   */
  public Lsn plus(long bytes) {
    return new Lsn(value + bytes);
  }

  /**
   * {@return how many bytes of WAL are between an earlier position and this one; 0 if that one is
   * not earlier}
   *
   * @param earlier the other position
   */
  public long bytesSince(Lsn earlier) {
    return isAfter(earlier) ? value - earlier.value : 0;
  }

  /**
   * {@return whether this position is behind the other}
   *
   * @param other the other position
   */
  public boolean isAfter(Lsn other) {
    return Long.compareUnsigned(value, other.value) > 0;
  }

  /**
   * {@return whether this position is before the other}
   *
   * @param other the other position
   */
  public boolean isBefore(Lsn other) {
    return Long.compareUnsigned(value, other.value) < 0;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toHexString(value >>> 32).toUpperCase(Locale.ROOT)
        + "/"
        + Long.toHexString(value & 0xFFFFFFFFL).toUpperCase(Locale.ROOT);
  }
}
