package dev.pgetl.internal.value.text;

import dev.pgetl.data.SpecialValue;
import dev.pgetl.data.SpecialValue.EndOfDay;
import dev.pgetl.data.SpecialValue.NonFinite;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** How the {@link SpecialValue}s of a scalar type are written. */
public enum SpecialText {
  /** A type that has none. */
  NONE,
  /** Dates, timestamps and intervals. */
  INFINITY("infinity"),
  /** {@code numeric}. */
  NUMERIC("Infinity"),
  /** {@code time}. */
  END_OF_DAY,
  /** {@code timetz}. */
  END_OF_DAY_WITH_OFFSET;

  private static final String NAN = "NaN";
  private static final String MIDNIGHT = "24:00:00";

  private final String infinity;

  SpecialText() {
    this("");
  }

  SpecialText(String infinity) {
    this.infinity = infinity;
  }

  /** {@return the special value the text stands for, null if it stands for an ordinary one} */
  public @Nullable SpecialValue read(byte[] bytes, int from, int to) {
    return switch (this) {
      case NONE -> null;
      case INFINITY, NUMERIC -> nonFinite(bytes, from, to);
      case END_OF_DAY ->
          isAt(MIDNIGHT, bytes, from, to) && to - from == MIDNIGHT.length()
              ? new EndOfDay(null)
              : null;
      case END_OF_DAY_WITH_OFFSET -> endOfDayWithOffset(bytes, from, to);
    };
  }

  private @Nullable NonFinite nonFinite(byte[] bytes, int from, int to) {
    if (from == to) {
      return null;
    }
    if (bytes[from] == '-') {
      return isExactly(infinity, bytes, from + 1, to) ? NonFinite.NEGATIVE_INFINITY : null;
    }
    if (isExactly(infinity, bytes, from, to)) {
      return NonFinite.POSITIVE_INFINITY;
    }
    return this == NUMERIC && isExactly(NAN, bytes, from, to) ? NonFinite.NAN : null;
  }

  private static @Nullable EndOfDay endOfDayWithOffset(byte[] bytes, int from, int to) {
    int offset = from + MIDNIGHT.length();
    if (!isAt(MIDNIGHT, bytes, from, to) || offset == to || bytes[offset] == '.') {
      return null;
    }
    return new EndOfDay(ZoneOffset.ofTotalSeconds(DateTimeText.offset(bytes, offset, to)));
  }

  private static boolean isExactly(String word, byte[] bytes, int from, int to) {
    return to - from == word.length() && isAt(word, bytes, from, to);
  }

  private static boolean isAt(String word, byte[] bytes, int from, int to) {
    if (to - from < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[from + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Appends the text of a special value, or says that the type has no such value. */
  public void append(StringBuilder text, SpecialValue value) {
    if (value instanceof NonFinite nonFinite && !infinity.isEmpty()) {
      appendNonFinite(text, nonFinite);
    } else if (value instanceof EndOfDay end && this == END_OF_DAY && end.offset() == null) {
      text.append(MIDNIGHT);
    } else if (value instanceof EndOfDay end
        && this == END_OF_DAY_WITH_OFFSET
        && end.offset() != null) {
      DateTimeText.append(text.append(MIDNIGHT), end.offset());
    } else {
      throw new IllegalArgumentException("a special value the type does not have");
    }
  }

  private void appendNonFinite(StringBuilder text, NonFinite value) {
    if (value == NonFinite.NAN) {
      if (this != NUMERIC) {
        throw new IllegalArgumentException("a special value the type does not have");
      }
      text.append(NAN);
    } else {
      text.append(value == NonFinite.NEGATIVE_INFINITY ? "-" : "");
      text.append(infinity);
    }
  }
}
