package dev.pgetl.internal.value.codec;

import dev.pgetl.data.SpecialValue;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.text.SpecialText;
import dev.pgetl.internal.value.text.Utf8;

/** Types whose Java value is their text; also that of types of which no more is known. */
public enum TextCodec implements ValueCodec {
  /** The binary form is the text: {@code text}, {@code json}, enums. */
  PLAIN(0),
  /** The binary form is the text behind a version number: {@code jsonb}, {@code jsonpath}. */
  VERSIONED(1),
  /** The binary form is not known, or not the same everywhere. */
  TEXT_ONLY(-1);

  private static final byte VERSION = 1;

  private final int header;

  TextCodec(int header) {
    this.header = header;
  }

  @Override
  public Class<?> javaType() {
    return String.class;
  }

  @Override
  public Object decode(byte[] bytes, int from, int to) {
    return Utf8.decode(bytes, from, to);
  }

  @Override
  public boolean readsBinary() {
    return this != TEXT_ONLY;
  }

  @Override
  public Object decodeBinary(byte[] bytes, int from, int to) {
    return Utf8.decode(bytes, textStart(bytes, from, to), to);
  }

  /** {@return where in the binary form the text begins; it ends where that ends} */
  public int textStart(byte[] bytes, int from, int to) {
    if (this == TEXT_ONLY) {
      throw MalformedValueException.notBinary();
    }
    if (this == VERSIONED && (from == to || bytes[from] != VERSION)) {
      throw new MalformedValueException("version " + VERSION);
    }
    return from + header;
  }

  @Override
  public void encode(Object value, StringBuilder text) {
    if (value instanceof SpecialValue special) {
      SpecialText.NONE.append(text, special);
    } else if (value instanceof String string) {
      text.append(string);
    } else {
      throw ValueCodec.unfit(value, String.class);
    }
  }
}
