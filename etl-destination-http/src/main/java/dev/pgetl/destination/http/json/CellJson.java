package dev.pgetl.destination.http.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Writes cells as JSON. JSON documents are copied, all others are written as an escaped string.
 * Whatever a cell holds, the result is valid JSON on one line, or a failure of kind {@code
 * SOURCE_DATA}: every byte that is copied or escaped has been checked.
 *
 * <p>Owned by one thread: it keeps the bytes of the current cell.
 */
public final class CellJson {
  private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;
  private static final int DIGITS_ALWAYS_SAFE = 15;
  private static final int DIGITS_NEVER_SAFE = 17;

  private static final int FIRST_USER_OID = 16384;
  private static final int BOOL = 16;
  private static final int BYTEA = 17;
  private static final int CHAR = 18;
  private static final int INT8 = 20;
  private static final int INT2 = 21;
  private static final int INT4 = 23;
  private static final int OID = 26;
  private static final int XID = 28;
  private static final int CID = 29;
  private static final int JSON = 114;
  private static final int FLOAT4 = 700;
  private static final int FLOAT8 = 701;
  private static final int TIMESTAMP = 1114;
  private static final int TIMESTAMPTZ = 1184;
  private static final int INTERVAL = 1186;
  private static final int TIMETZ = 1266;
  private static final int NUMERIC = 1700;
  private static final int JSONB = 3802;
  private static final int XID8 = 5069;

  /** Reads what Postgres does: names of any number and length, numbers and nesting of any size. */
  private static final JsonFactory CHECKS =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final JsonGenerator json;
  private final boolean exactNumbers;
  private final NestedJson nested;
  private byte[] cell = new byte[256];

  /**
   * Creates a writer of cells.
   *
   * @param json where they go
   * @param exactNumbers whether integers beyond 2^53 and numerics become JSON numbers; otherwise
   *     they become strings
   */
  public CellJson(JsonGenerator json, boolean exactNumbers) {
    this.json = json;
    this.exactNumbers = exactNumbers;
    this.nested = new NestedJson(json, this);
  }

  /**
   * Writes a cell.
   *
   * @param type the column's type
   * @param text what Postgres sent, null for a null
   * @throws IOException if the generator cannot write
   * @throws EtlException of kind {@code SOURCE_DATA} if the text is not valid for the type
   */
  public void write(PgType type, @Nullable ByteBuffer text) throws IOException {
    if (text == null) {
      json.writeNull();
      return;
    }
    int length = text.remaining();
    if (cell.length < length) {
      cell = new byte[Math.max(length, 2 * cell.length)];
    }
    text.get(cell, 0, length);
    write(type, new Span(cell, 0, length));
  }

  void write(PgType type, Span text) throws IOException {
    PgType base = type.baseType();
    switch (base.kind()) {
      case BASE -> writeBase(base, text);
      case ARRAY, COMPOSITE, RANGE, MULTIRANGE -> nested.write(base, text);
      case ENUM, DOMAIN, UNKNOWN -> writeString(text);
    }
  }

  private void writeBase(PgType type, Span text) throws IOException {
    if (type.oid() >= FIRST_USER_OID) {
      writeOfExtension(type, text);
      return;
    }
    switch ((int) type.oid()) {
      case BOOL -> writeBoolean(type, text);
      case BYTEA -> writeBytes(type, text);
      case CHAR -> writeByte(text);
      case INT2, INT4, OID, XID, CID, FLOAT4, FLOAT8 -> writeNumber(text);
      case INT8, XID8 -> {
        if (exactNumbers || isSafeInteger(text)) {
          writeNumber(text);
        } else {
          writeString(text);
        }
      }
      case NUMERIC -> {
        if (exactNumbers) {
          writeNumber(text);
        } else {
          writeString(text);
        }
      }
      case JSON, JSONB -> writeDocument(type, text);
      case TIMESTAMP, TIMESTAMPTZ, TIMETZ -> json.writeString(TimeText.iso(text.text()));
      case INTERVAL -> json.writeString(IntervalText.iso(text.text()));
      default -> writeString(text);
    }
  }

  private void writeOfExtension(PgType type, Span text) throws IOException {
    if (type.name().equals("hstore")) {
      nested.writeHstore(type, text);
    } else {
      writeString(text);
    }
  }

  void writeString(Span text) throws IOException {
    text.requireUtf8();
    json.writeUTF8String(text.bytes(), text.start(), text.length());
  }

  /** Writes a {@code "char"}: Postgres 14 sends a byte that is not ASCII as it is. */
  private void writeByte(Span text) throws IOException {
    if (text.length() == 1 && text.at(0) < 0) {
      json.writeString("\\" + Integer.toOctalString(text.at(0) & 0xFF));
    } else {
      writeString(text);
    }
  }

  /** Copies a document that is one: a transformed row may hold any text in such a column. */
  private void writeDocument(PgType type, Span text) throws IOException {
    text.requireUtf8();
    if (!isDocument(text)) {
      throw new NestedText(type, text).malformed();
    }
    json.writeRawValue(new RawJson(text.onOneLine()));
  }

  static boolean isDocument(Span text) {
    if (seemsToBeInAnotherEncoding(text)) {
      return false;
    }
    try (JsonParser parser = CHECKS.createParser(text.bytes(), text.start(), text.length())) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException notJson) {
      return false;
    }
  }

  /**
   * A parser takes text with a zero byte or a byte order mark at its start for another encoding. No
   * document that Postgres accepts has either.
   */
  private static boolean seemsToBeInAnotherEncoding(Span text) {
    for (int i = 0; i < Math.min(text.length(), 4); i++) {
      if (text.at(i) == 0) {
        return true;
      }
    }
    return text.startsWithByteOrderMark();
  }

  private void writeBoolean(PgType type, Span text) throws IOException {
    if (text.is("t")) {
      json.writeBoolean(true);
    } else if (text.is("f")) {
      json.writeBoolean(false);
    } else {
      throw new NestedText(type, text).malformed();
    }
  }

  /**
   * Writes the digits as they are; values without a JSON number, such as NaN and the infinities,
   * become a string.
   */
  private void writeNumber(Span text) throws IOException {
    if (isJsonNumber(text)) {
      json.writeRawValue(new RawJson(text));
    } else {
      writeString(text);
    }
  }

  private void writeBytes(PgType type, Span text) throws IOException {
    if (!text.startsWith("\\x")) {
      throw new NestedText(type, text).malformed();
    }
    try {
      json.writeBinary(HexFormat.of().parseHex(text.from(2).text()));
    } catch (IllegalArgumentException notHexadecimal) {
      throw new EtlException(ErrorKind.SOURCE_DATA, "a value is not valid bytea");
    }
  }

  private static boolean isSafeInteger(Span text) {
    int digits = text.startsWith("-") ? text.length() - 1 : text.length();
    if (digits <= DIGITS_ALWAYS_SAFE || digits >= DIGITS_NEVER_SAFE) {
      return digits <= DIGITS_ALWAYS_SAFE;
    }
    long magnitude = 0;
    for (int i = text.length() - digits; i < text.length(); i++) {
      magnitude = 10 * magnitude + (text.at(i) - '0');
    }
    return magnitude <= MAX_SAFE_INTEGER;
  }

  /**
   * {@return whether the text is a number by JSON's grammar: no plus sign, no leading zero, a digit
   * around every dot}
   */
  static boolean isJsonNumber(Span text) {
    int at = text.startsWith("-") ? 1 : 0;
    int integerEnd = digitsEnd(text, at);
    if (integerEnd == at || (text.at(at) == '0' && integerEnd > at + 1)) {
      return false;
    }
    at = integerEnd;
    if (at < text.length() && text.at(at) == '.') {
      int fractionEnd = digitsEnd(text, at + 1);
      if (fractionEnd == at + 1) {
        return false;
      }
      at = fractionEnd;
    }
    return at == text.length() || isExponent(text, at);
  }

  private static boolean isExponent(Span text, int from) {
    if (text.at(from) != 'e' && text.at(from) != 'E') {
      return false;
    }
    int at = from + 1;
    if (at < text.length() && (text.at(at) == '+' || text.at(at) == '-')) {
      at++;
    }
    return at < text.length() && digitsEnd(text, at) == text.length();
  }

  private static int digitsEnd(Span text, int from) {
    int at = from;
    while (at < text.length() && text.at(at) >= '0' && text.at(at) <= '9') {
      at++;
    }
    return at;
  }
}
