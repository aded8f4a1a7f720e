package dev.pgetl.quarantine;

import org.jspecify.annotations.Nullable;

/** Texts of any characters, one behind the other in one text, each with its length in front. */
final class TextFields {
  private final StringBuilder text;
  private int at;

  /** Begins an empty text. */
  TextFields() {
    this.text = new StringBuilder();
  }

  /** Reads a text from its beginning. */
  TextFields(String written) {
    this.text = new StringBuilder(written);
  }

  TextFields add(@Nullable String field) {
    if (field == null) {
      text.append("~:");
    } else {
      text.append(field.length()).append(':').append(field);
    }
    return this;
  }

  TextFields add(long field) {
    return add(Long.toString(field));
  }

  /**
   * {@return the next field; null if it was}
   *
   * @throws IllegalArgumentException if there is none
   */
  @Nullable String next() {
    int colon = text.indexOf(":", at);
    if (colon < 0) {
      throw new IllegalArgumentException("a field is missing");
    }
    String length = text.substring(at, colon);
    at = colon + 1;
    if (length.equals("~")) {
      return null;
    }
    int end = at + Integer.parseInt(length);
    if (end > text.length()) {
      throw new IllegalArgumentException("a field is cut off");
    }
    String field = text.substring(at, end);
    at = end;
    return field;
  }

  /** {@return the next field, which is not null} */
  String required() {
    String field = next();
    if (field == null) {
      throw new IllegalArgumentException("a field is null");
    }
    return field;
  }

  int number() {
    return Integer.parseInt(required());
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
