package dev.pgetl.internal.value.codec;

import dev.pgetl.data.PgRange;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.binary.BinaryCursor;
import dev.pgetl.internal.value.text.QuotedText;
import dev.pgetl.internal.value.text.TextCursor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ranges: {@code [1,5)}, {@code (,"2026-01-02 00:00:00"]}, {@code empty}. */
final class RangeCodec implements ValueCodec {
  private static final String EMPTY = "empty";
  private static final BitSet SPECIAL = QuotedText.characters("()[],\"\\");

  private static final int EMPTY_FLAG = 0x01;
  private static final int LOWER_INCLUSIVE = 0x02;
  private static final int UPPER_INCLUSIVE = 0x04;
  private static final int NO_LOWER = 0x08;
  private static final int NO_UPPER = 0x10;

  private final ValueCodec bound;

  RangeCodec(ValueCodec bound) {
    this.bound = bound;
  }

  @Override
  public Class<?> javaType() {
    return PgRange.class;
  }

  @Override
  public Object decode(byte[] bytes, int from, int to) {
    TextCursor cursor = new TextCursor(bytes, from, to);
    PgRange<Object> range = cursor.skip(EMPTY) ? PgRange.empty() : decode(cursor);
    cursor.expectEnd();
    return range;
  }

  private PgRange<Object> decode(TextCursor cursor) {
    boolean lowerInclusive = cursor.skip('[');
    if (!lowerInclusive) {
      cursor.expect('(');
    }
    Object lower = bound(cursor);
    cursor.expect(',');
    Object upper = bound(cursor);
    boolean upperInclusive = cursor.skip(']');
    if (!upperInclusive) {
      cursor.expect(')');
    }
    return range(lower, lowerInclusive, upper, upperInclusive);
  }

  private static PgRange<Object> range(
      @Nullable Object lower,
      boolean lowerInclusive,
      @Nullable Object upper,
      boolean upperInclusive) {
    if ((lower == null && lowerInclusive) || (upper == null && upperInclusive)) {
      throw new MalformedValueException("round brackets where there is no bound");
    }
    return new PgRange<>(lower, lowerInclusive, upper, upperInclusive, false);
  }

  /** Reads a bound: nothing at all means there is none. */
  private @Nullable Object bound(TextCursor cursor) {
    if (cursor.sees('"')) {
      cursor.quoted(true);
      return cursor.value(bound);
    }
    cursor.bare(SPECIAL);
    return cursor.tokenIsEmpty() ? null : cursor.value(bound);
  }

  @Override
  public boolean readsBinary() {
    return bound.readsBinary();
  }

  /** Reads flags, and the bounds there are. */
  @Override
  public Object decodeBinary(byte[] bytes, int from, int to) {
    BinaryCursor cursor = new BinaryCursor(bytes, from, to);
    int flags = cursor.uint8();
    PgRange<Object> range =
        (flags & EMPTY_FLAG) != 0
            ? PgRange.empty()
            : range(
                binaryBound(cursor, flags & NO_LOWER),
                (flags & LOWER_INCLUSIVE) != 0,
                binaryBound(cursor, flags & NO_UPPER),
                (flags & UPPER_INCLUSIVE) != 0);
    cursor.expectEnd();
    return range;
  }

  private @Nullable Object binaryBound(BinaryCursor cursor, int missing) {
    if (missing != 0) {
      return null;
    }
    Object value = cursor.part(bound);
    if (value == null) {
      throw new MalformedValueException("bounds that are not null");
    }
    return value;
  }

  @Override
  public void encode(Object value, StringBuilder text) {
    if (!(value instanceof PgRange<?> range)) {
      throw ValueCodec.unfit(value, PgRange.class);
    }
    if (range.isEmpty()) {
      text.append(EMPTY);
      return;
    }
    text.append(range.lowerInclusive() ? '[' : '(');
    appendBound(text, range.lower());
    text.append(',');
    appendBound(text, range.upper());
    text.append(range.upperInclusive() ? ']' : ')');
  }

  private void appendBound(StringBuilder text, @Nullable Object value) {
    if (value == null) {
      return;
    }
    StringBuilder plain = new StringBuilder();
    bound.encode(value, plain);
    if (QuotedText.needsQuotes(plain, SPECIAL)) {
      QuotedText.append(text, plain, true);
    } else {
      text.append(plain);
    }
  }

  /** Multiranges: <code>{[1,3),[5,7)}</code> as a list of ranges. */
  static final class Multi implements ValueCodec {
    private final RangeCodec range;

    Multi(RangeCodec range) {
      this.range = range;
    }

    @Override
    public Class<?> javaType() {
      return List.class;
    }

    @Override
    public Object decode(byte[] bytes, int from, int to) {
      TextCursor cursor = new TextCursor(bytes, from, to);
      List<PgRange<Object>> ranges = new ArrayList<>();
      cursor.expect('{');
      if (!cursor.skip('}')) {
        do {
          ranges.add(range.decode(cursor));
        } while (cursor.skip(','));
        cursor.expect('}');
      }
      cursor.expectEnd();
      return Collections.unmodifiableList(ranges);
    }

    @Override
    public boolean readsBinary() {
      return range.readsBinary();
    }

    /** Reads a count and as many ranges. */
    @Override
    public Object decodeBinary(byte[] bytes, int from, int to) {
      BinaryCursor cursor = new BinaryCursor(bytes, from, to);
      int count = cursor.int32();
      if (count < 0) {
        throw new MalformedValueException("a count of ranges");
      }
      List<PgRange<?>> ranges = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        if (!(cursor.part(range) instanceof PgRange<?> next)) {
          throw new MalformedValueException("ranges that are not null");
        }
        ranges.add(next);
      }
      cursor.expectEnd();
      return Collections.unmodifiableList(ranges);
    }

    @Override
    public void encode(Object value, StringBuilder text) {
      if (!(value instanceof List<?> ranges)) {
        throw ValueCodec.unfit(value, List.class);
      }
      text.append('{');
      for (int i = 0; i < ranges.size(); i++) {
        text.append(i == 0 ? "" : ",");
        range.encode(ranges.get(i), text);
      }
      text.append('}');
    }
  }
}
