package dev.pgetl.internal.value;

/**
 * How the text of one type, and its binary form, become a Java value, and how that becomes text
 * again. Immutable.
 *
 * <p>Bytes are those of a pgoutput tuple, text is UTF-8: bytes {@code from} (inclusive) to {@code
 * to} (exclusive) of an array that may hold more.
 */
public interface ValueCodec {
  /** {@return the class of the decoded values, apart from special values} */
  Class<?> javaType();

  /**
   * {@return the value}
   *
   * @throws MalformedValueException if Postgres would not print this text for the type
   */
  Object decode(byte[] bytes, int from, int to);

  /** {@return whether {@link #decodeBinary} knows the binary form of the type} */
  default boolean readsBinary() {
    return false;
  }

  /**
   * {@return the value {@link #decode} gives for the text of the same value}
   *
   * @throws MalformedValueException if Postgres would not send these bytes for the type
   */
  default Object decodeBinary(byte[] bytes, int from, int to) {
    throw MalformedValueException.notBinary();
  }

  /**
   * Appends the text Postgres prints for a value.
   *
   * @throws IllegalArgumentException if the type has no such value
   */
  void encode(Object value, StringBuilder text);

  /** {@return the failure of {@link #encode}; it names the class of the value, not the value} */
  static IllegalArgumentException unfit(Object value, Class<?> expected) {
    return new IllegalArgumentException(
        "a " + value.getClass().getName() + " instead of a " + expected.getName());
  }
}
