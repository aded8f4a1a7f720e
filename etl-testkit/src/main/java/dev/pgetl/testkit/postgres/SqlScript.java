package dev.pgetl.testkit.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a script into its statements, as psql does: each then is a transaction of its own unless the
 * script says {@code begin}. Sent in one piece they would all be one transaction.
 */
final class SqlScript {
  /**
   * What may contain a semicolon that ends nothing. An E string knows backslashes, a plain one does
   * not.
   */
  private static final Pattern OPAQUE =
      Pattern.compile(
          "(?<!\\w)[eE]'(?:[^'\\\\]|\\\\.|'')*'"
              + "|'[^']*'"
              + "|\"[^\"]*\""
              + "|(?<![\\w$])\\$(?<tag>\\w*)\\$.*?\\$\\k<tag>\\$"
              + "|--[^\\n]*"
              + "|/\\*.*?\\*/",
          Pattern.DOTALL);

  private SqlScript() {}

  static List<String> statements(String script) {
    List<String> statements = new ArrayList<>();
    Matcher opaque = OPAQUE.matcher(script);
    boolean found = opaque.find();
    int start = 0;
    int position = 0;
    while (position < script.length()) {
      int semicolon = script.indexOf(';', position);
      if (semicolon < 0) {
        break;
      }
      if (found && opaque.start() < position) {
        found = opaque.find(position);
      }
      if (found && opaque.start() < semicolon) {
        position = opaque.end();
      } else {
        add(statements, script.substring(start, semicolon));
        start = semicolon + 1;
        position = start;
      }
    }
    add(statements, script.substring(start));
    return statements;
  }

  private static void add(List<String> statements, String statement) {
    if (!OPAQUE
        .matcher(statement)
        .replaceAll(match -> isComment(match.group()) ? "" : "x")
        .isBlank()) {
      statements.add(statement.strip());
    }
  }

  private static boolean isComment(String text) {
    return text.startsWith("--") || text.startsWith("/*");
  }
}
