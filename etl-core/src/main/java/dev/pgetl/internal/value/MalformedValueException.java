package dev.pgetl.internal.value;

import java.io.Serial;

/**
 * Bytes that Postgres would not send for the type. The message says what was expected, never what
 * was there. The row that asked adds table and column, so there is no stack trace to pay for.
 */
public final class MalformedValueException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public MalformedValueException(String expected) {
    super(expected, null, false, false);
  }

  /** {@return the failure of a type that is read as text only} */
  public static MalformedValueException notBinary() {
    return new MalformedValueException("text and not the binary format");
  }

  /** {@return what was expected} */
  public String expected() {
    return String.valueOf(getMessage());
  }
}
