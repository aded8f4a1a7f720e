package dev.pgetl.destination.http.json;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import org.jspecify.annotations.Nullable;

/**
 * A reading position in the text of an array, composite, range or hstore, which have similar
 * quoting rules. Owned by one thread.
 */
final class NestedText {
  private final PgType type;
  private final Span text;
  private int position;

  NestedText(PgType type, Span text) {
    this.type = type;
    this.text = text;
    this.position = text.start();
  }

  boolean atEnd() {
    return position == text.end();
  }

  /** {@return the next byte, which stays the next; -1 at the end} */
  int peek() {
    return atEnd() ? -1 : text.bytes()[position];
  }

  /** {@return the next byte} */
  int next() {
    if (atEnd()) {
      throw malformed();
    }
    return text.bytes()[position++];
  }

  void expect(char wanted) {
    if (next() != wanted) {
      throw malformed();
    }
  }

  /** {@return whether the wanted byte was the next; then it has been read} */
  boolean skip(char wanted) {
    if (peek() != wanted) {
      return false;
    }
    position++;
    return true;
  }

  void expectEnd() {
    if (!atEnd()) {
      throw malformed();
    }
  }

  /** {@return everything up to one of the bytes that end a bare word} */
  Span bareWord(String terminators) {
    int start = position;
    while (!atEnd() && terminators.indexOf(peek()) < 0) {
      position++;
    }
    return new Span(text.bytes(), start, position);
  }

  /**
   * {@return the text between double quotes, with a backslash or a second quote before what is
   * meant literally}
   */
  Span quoted() {
    expect('"');
    int start = position;
    int escapes = 0;
    while (true) {
      int current = next();
      if (current == '\\') {
        next();
        escapes++;
      } else if (current == '"') {
        if (!skip('"')) {
          Span inner = new Span(text.bytes(), start, position - 1);
          return escapes == 0 ? inner : unescape(inner, escapes);
        }
        escapes++;
      }
    }
  }

  private static Span unescape(Span quoted, int escapes) {
    byte[] plain = new byte[quoted.length() - escapes];
    int to = 0;
    for (int i = 0; i < quoted.length(); i++) {
      if (quoted.at(i) == '\\' || quoted.at(i) == '"') {
        i++;
      }
      plain[to++] = quoted.at(i);
    }
    return Span.of(plain);
  }

  /** {@return a part of a composite or range: null where there is nothing at all} */
  @Nullable Span part(String terminators) {
    if (peek() == '"') {
      return quoted();
    }
    Span bare = bareWord(terminators);
    return bare.isEmpty() ? null : bare;
  }

  EtlException malformed() {
    return new EtlException(ErrorKind.SOURCE_DATA, "a value is not a valid " + type);
  }
}
