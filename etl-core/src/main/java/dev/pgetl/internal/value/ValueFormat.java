package dev.pgetl.internal.value;

/** In what format the server is asked for values. */
public enum ValueFormat {
  /** As text, every type. */
  TEXT,
  /** In binary format; a stream has those of types without one as text. */
  BINARY;

  /** {@return the format that the configuration asks for} */
  public static ValueFormat of(boolean binary) {
    return binary ? BINARY : TEXT;
  }
}
