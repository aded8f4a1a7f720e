package dev.pgetl.internal.value.text;

import java.util.BitSet;

/**
 * Writes what {@link TextCursor} reads: parts of structured text, in quotes where they need them.
 */
public final class QuotedText {
  private static final BitSet BLANKS = characters(" \t\n\r\u000B\f");

  private QuotedText() {}

  /** {@return a set of ASCII characters} */
  public static BitSet characters(String characters) {
    BitSet set = new BitSet();
    characters.chars().forEach(set::set);
    return set;
  }

  /** {@return whether the text is empty, or has a blank or a special character in it} */
  public static boolean needsQuotes(CharSequence text, BitSet special) {
    for (int i = 0; i < text.length(); i++) {
      if (special.get(text.charAt(i)) || BLANKS.get(text.charAt(i))) {
        return true;
      }
    }
    return text.isEmpty();
  }

  /**
   * Appends text between quotes.
   *
   * @param doubled whether quotes and backslashes are doubled; otherwise they follow a backslash
   */
  public static void append(StringBuilder into, CharSequence text, boolean doubled) {
    into.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        into.append(doubled ? c : '\\');
      }
      into.append(c);
    }
    into.append('"');
  }
}
