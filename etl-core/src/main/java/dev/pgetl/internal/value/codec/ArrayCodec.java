package dev.pgetl.internal.value.codec;

import dev.pgetl.data.PgArray;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.binary.BinaryCursor;
import dev.pgetl.internal.value.text.QuotedText;
import dev.pgetl.internal.value.text.TextCursor;
import dev.pgetl.schema.PgType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arrays: {@code {1,NULL,3}}, {@code [0:1]={7,8}}, {@code {{a,b},{c,"d e"}}}. */
public final class ArrayCodec implements ValueCodec {
  /** As many as Postgres allows; bounds the depth of the recursion. */
  private static final int MAX_DIMENSIONS = 6;

  private static final String NULL = "NULL";
  private static final BitSet BOUND_ENDS = QuotedText.characters(":]");

  private final ValueCodec element;
  private final int elementOid;
  private final char delimiter;
  private final BitSet special;

  ArrayCodec(ValueCodec element, PgType type) {
    this.element = element;
    this.elementOid = (int) type.oid();
    this.delimiter = type.delimiter();
    this.special = QuotedText.characters("{}\"\\" + delimiter);
  }

  @Override
  public Class<?> javaType() {
    return List.class;
  }

  @Override
  public Object decode(byte[] bytes, int from, int to) {
    return new Parser(new TextCursor(bytes, from, to)).value();
  }

  /** {@return a decoded value with its bounds, which lists leave out} */
  public PgArray asArray(Object value) {
    return value instanceof PgArray array ? array : ofLists((List<?>) value);
  }

  private PgArray ofLists(List<?> elements) {
    return new PgArray(Collections.nCopies(dimensions(elements), 1), elements);
  }

  /** {@return lists, and around them an array where lists alone are ambiguous} */
  private Object listsOrArray(List<Integer> lower, List<@Nullable Object> elements) {
    boolean fromOne = lower.stream().allMatch(bound -> bound == 1);
    boolean listsTellAll = fromOne && (lower.size() == 1 || element.javaType() != List.class);
    return listsTellAll ? elements : new PgArray(lower, elements);
  }

  @Override
  public boolean readsBinary() {
    return element.readsBinary();
  }

  /**
   * Reads the number of dimensions, whether there are nulls, and the type of the elements; length
   * and lower bound of each dimension; the elements.
   */
  @Override
  public Object decodeBinary(byte[] bytes, int from, int to) {
    BinaryCursor cursor = new BinaryCursor(bytes, from, to);
    int dimensions = cursor.int32();
    int nulls = cursor.int32();
    if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
      throw tooManyDimensions();
    }
    if ((nulls != 0 && nulls != 1) || cursor.int32() != elementOid) {
      throw new MalformedValueException("elements of the type");
    }
    if (dimensions == 0) {
      cursor.expectEnd();
      return List.of();
    }
    int[] lengths = new int[dimensions];
    List<Integer> lower = binaryBounds(cursor, lengths);
    List<@Nullable Object> elements = binaryDimension(cursor, lengths, 0);
    cursor.expectEnd();
    return listsOrArray(lower, elements);
  }

  /**
   * Lists grow with their lengths, so these must not promise more elements than there are bytes.
   */
  private static List<Integer> binaryBounds(BinaryCursor cursor, int[] lengths) {
    List<Integer> lowerBounds = new ArrayList<>(lengths.length);
    long count = 1;
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = cursor.int32();
      int lower = cursor.int32();
      count *= lengths[i];
      if (lengths[i] < 1
          || count > cursor.remaining() / Integer.BYTES
          || (long) lower + lengths[i] - 1 > Integer.MAX_VALUE) {
        throw new MalformedValueException("as many elements as the dimensions say");
      }
      lowerBounds.add(lower);
    }
    return lowerBounds;
  }

  private List<@Nullable Object> binaryDimension(BinaryCursor cursor, int[] lengths, int depth) {
    List<@Nullable Object> elements = new ArrayList<>(lengths[depth]);
    for (int i = 0; i < lengths[depth]; i++) {
      elements.add(
          depth + 1 == lengths.length
              ? cursor.part(element)
              : binaryDimension(cursor, lengths, depth + 1));
    }
    return Collections.unmodifiableList(elements);
  }

  private static MalformedValueException tooManyDimensions() {
    return new MalformedValueException("at most " + MAX_DIMENSIONS + " dimensions");
  }

  /** Reads one array. */
  private final class Parser {
    private static final int NOT_KNOWN = -1;

    private final TextCursor cursor;
    private final List<Integer> lowerBounds = new ArrayList<>(1);
    private final int[] lengths = new int[MAX_DIMENSIONS];
    private int dimensions = NOT_KNOWN;

    Parser(TextCursor cursor) {
      this.cursor = cursor;
    }

    /** Reads lists, and around them an array where lists alone are ambiguous. */
    Object value() {
      if (cursor.skip("{}")) {
        cursor.expectEnd();
        return List.of();
      }
      Arrays.fill(lengths, NOT_KNOWN);
      boolean decorated = cursor.sees('[');
      if (decorated) {
        bounds();
      }
      List<@Nullable Object> elements = dimension(0);
      cursor.expectEnd();
      List<Integer> lower = decorated ? lowerBounds : Collections.nCopies(dimensions, 1);
      if (lower.size() != dimensions) {
        throw new MalformedValueException("bounds for every dimension");
      }
      return listsOrArray(lower, elements);
    }

    private void bounds() {
      while (cursor.skip('[')) {
        if (lowerBounds.size() == MAX_DIMENSIONS) {
          throw tooManyDimensions();
        }
        int lower = bound();
        cursor.expect(':');
        long length = (long) bound() - lower + 1;
        cursor.expect(']');
        if (length < 1 || length > Integer.MAX_VALUE) {
          throw new MalformedValueException("an upper bound above the lower one");
        }
        lengths[lowerBounds.size()] = (int) length;
        lowerBounds.add(lower);
      }
      cursor.expect('=');
    }

    private int bound() {
      cursor.bare(BOUND_ENDS);
      return (Integer) cursor.value(IntegerCodec.INT4);
    }

    private List<@Nullable Object> dimension(int depth) {
      cursor.expect('{');
      List<@Nullable Object> elements = new ArrayList<>(expectedLength(depth));
      do {
        elements.add(cursor.sees('{') ? inner(depth + 1) : leaf(depth + 1));
      } while (cursor.skip(delimiter));
      cursor.expect('}');
      if (lengths[depth] == NOT_KNOWN) {
        lengths[depth] = elements.size();
      } else if (lengths[depth] != elements.size()) {
        throw new MalformedValueException("as many elements as the bounds or the other rows say");
      }
      return Collections.unmodifiableList(elements);
    }

    /** Taken from the rows before, up to a limit: bounds may say anything. */
    private int expectedLength(int depth) {
      return Math.min(lengths[depth] == NOT_KNOWN ? 8 : lengths[depth], 64);
    }

    private List<@Nullable Object> inner(int depth) {
      if (depth == MAX_DIMENSIONS) {
        throw tooManyDimensions();
      }
      return dimension(depth);
    }

    private @Nullable Object leaf(int depth) {
      if (dimensions == NOT_KNOWN) {
        dimensions = depth;
      } else if (dimensions != depth) {
        throw new MalformedValueException("elements in the innermost braces only");
      }
      if (cursor.sees('"')) {
        cursor.quoted(false);
        return cursor.value(element);
      }
      cursor.bare(special);
      if (cursor.tokenIsEmpty()) {
        throw new MalformedValueException("an element");
      }
      return cursor.tokenIs(NULL) ? null : cursor.value(element);
    }
  }

  @Override
  public void encode(Object value, StringBuilder text) {
    if (!(value instanceof PgArray || value instanceof List)) {
      throw ValueCodec.unfit(value, List.class);
    }
    PgArray array = asArray(value);
    if (array.lowerBounds().stream().anyMatch(bound -> bound != 1)) {
      appendBounds(array, text);
    }
    append(array.elements(), array.dimensions(), text);
  }

  private static void appendBounds(PgArray array, StringBuilder text) {
    Object inner = array.elements();
    for (int lower : array.lowerBounds()) {
      if (!(inner instanceof List<?> elements) || elements.isEmpty()) {
        throw ValueCodec.unfit(inner, List.class);
      }
      text.append('[').append(lower).append(':').append(lower + elements.size() - 1).append(']');
      inner = elements.get(0);
    }
    text.append('=');
  }

  /** {@return how deep lists lie in lists, unless the elements are lists themselves} */
  private int dimensions(List<?> elements) {
    if (elements.isEmpty()) {
      return 0;
    }
    boolean nested = element.javaType() != List.class && elements.get(0) instanceof List;
    return nested ? 1 + dimensions((List<?>) elements.get(0)) : 1;
  }

  private void append(Object elements, int dimensions, StringBuilder text) {
    if (!(elements instanceof List<?> list)) {
      throw ValueCodec.unfit(elements, List.class);
    }
    text.append('{');
    for (int i = 0; i < list.size(); i++) {
      text.append(i == 0 ? "" : String.valueOf(delimiter));
      Object value = list.get(i);
      if (value == null) {
        text.append(NULL);
      } else if (dimensions > 1) {
        append(value, dimensions - 1, text);
      } else {
        appendElement(value, text);
      }
    }
    text.append('}');
  }

  private void appendElement(Object value, StringBuilder text) {
    StringBuilder plain = new StringBuilder();
    element.encode(value, plain);
    if (plain.toString().equalsIgnoreCase(NULL) || QuotedText.needsQuotes(plain, special)) {
      QuotedText.append(text, plain, false);
    } else {
      text.append(plain);
    }
  }
}
