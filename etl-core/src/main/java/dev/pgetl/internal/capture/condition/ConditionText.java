package dev.pgetl.internal.capture.condition;

import java.util.Optional;

/**
 * Finds out whether a condition stays within the parentheses it is put into, by the lexical rules
 * of Postgres. Whatever is right within them is left to the server. Used once.
 *
 * <p>See "Lexical Structure" in the Postgres manual; strings are standard ones ({@code
 * standard_conforming_strings}), as in all sessions of the library.
 */
final class ConditionText {
  private static final char END = '\0';
  private static final String SPACE = " \t\n\r\f\u000B";

  private final String sql;
  private int at;
  private int open;

  private ConditionText(String sql) {
    this.sql = sql;
  }

  /** {@return why a condition cannot be put into parentheses; empty if it can} */
  static Optional<String> problem(String sql) {
    String found = new ConditionText(sql).problem();
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  private String problem() {
    if (sql.isBlank()) {
      return "it is empty";
    }
    if (sql.indexOf(END) >= 0) {
      return "it has a zero character";
    }
    String found = "";
    while (at < sql.length() && found.isEmpty()) {
      found = next();
    }
    return found.isEmpty() && open > 0 ? "it leaves a parenthesis open" : found;
  }

  /** {@return what is wrong with the next token; empty if nothing is} */
  private String next() {
    if (isOfName(peek(0))) {
      return name();
    }
    return switch (peek(0)) {
      case '\'' -> string(false);
      case '"' -> quoted("\"", "quoted name");
      case '$' -> dollar();
      case '(' -> parenthesis(1);
      case ')' -> parenthesis(-1);
      case ';' -> "it has a semicolon";
      case '-' -> sql.startsWith("--", at) ? lineComment() : skip();
      case '/' -> sql.startsWith("/*", at) ? blockComment() : skip();
      default -> skip();
    };
  }

  private String parenthesis(int change) {
    at++;
    open += change;
    return open < 0 ? "it closes a parenthesis that it has not opened" : "";
  }

  private char peek(int ahead) {
    return at + ahead < sql.length() ? sql.charAt(at + ahead) : END;
  }

  private String skip() {
    at++;
    return "";
  }

  /** Names may have dollars; a number in front of a name is none of ours. */
  private static boolean isOfName(char c) {
    return c == '_' || c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** A name, or the letter before a string that has backslashes. */
  private String name() {
    int from = at;
    while (isOfName(peek(0)) || isDigit(peek(0)) || peek(0) == '$') {
      at++;
    }
    boolean escapes = at == from + 1 && (sql.charAt(from) | 0x20) == 'e' && peek(0) == '\'';
    return escapes ? string(true) : "";
  }

  /** A string continues behind a quote, and behind a line feed if there is a quote next. */
  private String string(boolean escapes) {
    do {
      at++;
      while (at < sql.length() && peek(0) != '\'') {
        at += escapes && peek(0) == '\\' ? 2 : 1;
      }
      if (at >= sql.length()) {
        return "it leaves a string open";
      }
      at++;
    } while (isContinued());
    return "";
  }

  private boolean isContinued() {
    int from = at;
    boolean allowed = peek(0) == '\'';
    while (SPACE.indexOf(peek(0)) >= 0 || sql.startsWith("--", at)) {
      allowed |= peek(0) == '\n' || peek(0) == '\r';
      at = peek(0) == '-' ? endOfLine() : at + 1;
    }
    boolean continued = allowed && peek(0) == '\'';
    at = continued ? at : from;
    return continued;
  }

  private String quoted(String quote, String what) {
    int end = sql.indexOf(quote, at + quote.length());
    at = end + quote.length();
    if (end >= 0) {
      return "";
    }
    at = sql.length();
    return "it leaves a " + what + " open";
  }

  /** A string between dollars, or a dollar. */
  private String dollar() {
    int end = at + 1;
    while (end < sql.length() && (isOfName(sql.charAt(end)) || isDigit(sql.charAt(end)))) {
      end++;
    }
    boolean tag = end < sql.length() && sql.charAt(end) == '$' && !isDigit(peek(1));
    return tag ? quoted(sql.substring(at, end + 1), "string") : skip();
  }

  private int endOfLine() {
    int end = at;
    while (end < sql.length() && sql.charAt(end) != '\n' && sql.charAt(end) != '\r') {
      end++;
    }
    return end;
  }

  private String lineComment() {
    at = endOfLine();
    return "";
  }

  /** Comments of this kind nest. */
  private String blockComment() {
    int depth = 0;
    do {
      if (at >= sql.length()) {
        return "it leaves a comment open";
      }
      int change = sql.startsWith("/*", at) ? 1 : sql.startsWith("*/", at) ? -1 : 0;
      depth += change;
      at += change == 0 ? 1 : 2;
    } while (depth > 0);
    return "";
  }
}
