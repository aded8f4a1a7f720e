package dev.pgetl.it.advice;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes the SQL out of a message, as its reader does. */
final class Advice {
  private static final Pattern SQL =
      Pattern.compile(
          String.join(
              "|",
              "SELECT pg_drop_replication_slot\\('\\w+'\\)",
              "CREATE PUBLICATION \\S+ FOR TABLE",
              "ALTER PUBLICATION \\S+ ADD TABLE",
              "ALTER TABLE \\S+ (SET LOGGED|REPLICA IDENTITY FULL)",
              "ALTER ROLE \\S+ (REPLICATION|RESET \\w+)",
              "ALTER SYSTEM SET \\w+ = \\w+",
              "ALTER SCHEMA \\S+ RENAME TO [^\\s;]+",
              "DELETE FROM \\S+ WHERE name = '\\w+'"));

  private Advice() {}

  /** {@return the first statement in a message} */
  static String sql(String message) {
    Matcher found = SQL.matcher(message);
    if (!found.find()) {
      throw new AssertionError("no SQL in: " + message);
    }
    return found.group();
  }
}
