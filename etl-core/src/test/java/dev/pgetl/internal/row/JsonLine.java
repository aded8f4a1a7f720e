package dev.pgetl.internal.row;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the little JSON that {@code types.jsonl} has: objects of strings, whole numbers, null. */
final class JsonLine {
  private final String json;
  private int at;

  JsonLine(String json) {
    this.json = json;
  }

  Map<String, @Nullable Object> object() {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    expect('{');
    do {
      String key = string();
      expect(':');
      members.put(key, value());
    } while (skip(','));
    expect('}');
    return members;
  }

  private @Nullable Object value() {
    blanks();
    char first = json.charAt(at);
    if (first == '{') {
      return object();
    }
    if (first == '"') {
      return string();
    }
    int start = at;
    while (",} ".indexOf(json.charAt(at)) < 0) {
      at++;
    }
    String word = json.substring(start, at);
    return word.equals("null") ? null : Long.valueOf(word);
  }

  private String string() {
    expect('"');
    StringBuilder text = new StringBuilder();
    while (json.charAt(at) != '"') {
      text.append(json.charAt(at) == '\\' ? escaped() : json.charAt(at));
      at++;
    }
    at++;
    return text.toString();
  }

  private char escaped() {
    char c = json.charAt(++at);
    return switch (c) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        at += 4;
        yield (char) Integer.parseInt(json, at - 3, at + 1, 16);
      }
      default -> c;
    };
  }

  private boolean skip(char c) {
    blanks();
    boolean seen = json.charAt(at) == c;
    at += seen ? 1 : 0;
    return seen;
  }

  private void expect(char c) {
    if (!skip(c)) {
      throw new IllegalArgumentException("no " + c + " at " + at);
    }
  }

  private void blanks() {
    while (json.charAt(at) == ' ') {
      at++;
    }
  }
}
