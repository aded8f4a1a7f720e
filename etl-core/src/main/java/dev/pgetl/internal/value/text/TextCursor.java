package dev.pgetl.internal.value.text;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import java.util.BitSet;

/**
 * Walks over the text of an array, composite, range or {@code hstore}. What it has read last is the
 * token: a slice of the text, or of a copy where characters were escaped. Used by one thread.
 */
public final class TextCursor {
  private final byte[] bytes;
  private final int end;
  private int at;
  private byte[] token;
  private int tokenFrom;
  private int tokenTo;

  public TextCursor(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    this.token = bytes;
  }

  public boolean atEnd() {
    return at == end;
  }

  /** {@return whether this character comes next} */
  public boolean sees(char c) {
    return at < end && bytes[at] == c;
  }

  /** Steps over this character if it comes next, and says whether it did. */
  public boolean skip(char c) {
    boolean seen = sees(c);
    if (seen) {
      at++;
    }
    return seen;
  }

  /** Steps over this character. */
  public void expect(char c) {
    if (!skip(c)) {
      throw new MalformedValueException("'" + c + "'");
    }
  }

  /** Steps over this word if it comes next, and says whether it did. */
  public boolean skip(String word) {
    if (end - at < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[at + i] != word.charAt(i)) {
        return false;
      }
    }
    at += word.length();
    return true;
  }

  public void expectEnd() {
    if (!atEnd()) {
      throw new MalformedValueException("nothing behind the closing bracket");
    }
  }

  /** Reads up to a character that is special here, or to the end. */
  public void bare(BitSet special) {
    token = bytes;
    tokenFrom = at;
    while (at < end && !(bytes[at] >= 0 && special.get(bytes[at]))) {
      at++;
    }
    tokenTo = at;
  }

  /**
   * Reads what stands between quotes. A backslash makes the next character an ordinary one.
   *
   * @param doubled whether two quotes stand for one
   */
  public void quoted(boolean doubled) {
    expect('"');
    int start = at;
    int escapes = 0;
    while (at < end && (bytes[at] != '"' || (doubled && at + 1 < end && bytes[at + 1] == '"'))) {
      if (bytes[at] == '"' || bytes[at] == '\\') {
        escapes++;
        at++;
      }
      at++;
    }
    if (at >= end) {
      throw new MalformedValueException("a closing quote");
    }
    token = bytes;
    tokenFrom = start;
    tokenTo = at;
    if (escapes > 0) {
      unescape(start, at, escapes);
    }
    at++;
  }

  private void unescape(int from, int to, int escapes) {
    token = new byte[to - from - escapes];
    int length = 0;
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\\' || bytes[i] == '"') {
        i++;
      }
      token[length++] = bytes[i];
    }
    tokenFrom = 0;
    tokenTo = length;
  }

  public boolean tokenIsEmpty() {
    return tokenFrom == tokenTo;
  }

  /** {@return whether the token is this word of upper-case letters, in any case} */
  public boolean tokenIs(String word) {
    if (tokenTo - tokenFrom != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if ((token[tokenFrom + i] & ~0x20) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** {@return the value of the token} */
  public Object value(ValueCodec codec) {
    return codec.decode(token, tokenFrom, tokenTo);
  }

  /** {@return the token as text} */
  public String text() {
    return Utf8.decode(token, tokenFrom, tokenTo);
  }
}
