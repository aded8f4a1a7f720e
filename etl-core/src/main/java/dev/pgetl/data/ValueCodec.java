package dev.pgetl.data;

/**
 * How the text of one type becomes a Java value, and back. Immutable.
 *
 * <p>Text is UTF-8 as in a pgoutput tuple: bytes {@code from} (inclusive) to {@code to} (exclusive)
 * of an array that may hold more.
 */
interface ValueCodec {
  /** {@return the class of the decoded values, apart from {@link SpecialValue}s} */
  Class<?> javaType();

  /**
   * {@return the value}
   *
   * @throws MalformedValueException if Postgres would not print this text for the type
   */
  Object decode(byte[] bytes, int from, int to);

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
