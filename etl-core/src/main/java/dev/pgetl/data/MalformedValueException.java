package dev.pgetl.data;

import java.io.Serial;

/**
 * Text that Postgres would not print for the type. The message says what was expected, never what
 * was there. The row that asked adds table and column, so there is no stack trace to pay for.
 */
final class MalformedValueException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  MalformedValueException(String expected) {
    super(expected, null, false, false);
  }

  /** {@return what was expected} */
  String expected() {
    return String.valueOf(getMessage());
  }
}
