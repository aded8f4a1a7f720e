package dev.pgetl.internal.value.codec;

import dev.pgetl.data.SpecialValue;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.text.SpecialText;

/**
 * A type whose text has no further structure, made of three functions.
 *
 * @param javaType the class of its values
 * @param specials how its special values are written
 * @param reader makes the value of the text
 * @param binaryReader makes the value, special ones included, of the binary form
 * @param writer appends the text of a value, or throws {@link IllegalArgumentException}
 */
record ScalarCodec(
    Class<?> javaType, SpecialText specials, Reader reader, Reader binaryReader, Writer writer)
    implements ValueCodec {

  /** See {@link ValueCodec#decode} and {@link ValueCodec#decodeBinary}. */
  @FunctionalInterface
  interface Reader {
    Object read(byte[] bytes, int from, int to);
  }

  /** See {@link ValueCodec#encode}. */
  @FunctionalInterface
  interface Writer {
    void write(StringBuilder text, Object value);
  }

  /** Appends a value of one class. */
  @FunctionalInterface
  interface TypedWriter<T> {
    void write(StringBuilder text, T value);
  }

  /** {@return a codec that writes values of the very class it reads} */
  static <T> ScalarCodec of(
      Class<T> javaType,
      SpecialText specials,
      Reader reader,
      Reader binaryReader,
      TypedWriter<T> writer) {
    return new ScalarCodec(
        javaType,
        specials,
        reader,
        binaryReader,
        (text, value) -> {
          if (!javaType.isInstance(value)) {
            throw ValueCodec.unfit(value, javaType);
          }
          writer.write(text, javaType.cast(value));
        });
  }

  @Override
  public Object decode(byte[] bytes, int from, int to) {
    SpecialValue special = specials.read(bytes, from, to);
    return special == null ? reader.read(bytes, from, to) : special;
  }

  @Override
  public boolean readsBinary() {
    return true;
  }

  @Override
  public Object decodeBinary(byte[] bytes, int from, int to) {
    return binaryReader.read(bytes, from, to);
  }

  @Override
  public void encode(Object value, StringBuilder text) {
    if (value instanceof SpecialValue special) {
      specials.append(text, special);
    } else {
      writer.write(text, value);
    }
  }
}
