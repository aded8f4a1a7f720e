package dev.pgetl.destination.postgres.table;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes of a type that keep every value as it is, in the source as in the destination. */
final class Widening {
  private static final List<String> INTEGERS = List.of("smallint", "integer", "bigint", "numeric");
  private static final Pattern TEXT = Pattern.compile("character varying(?:\\((\\d+)\\))?|text");

  private Widening() {}

  static boolean isSafe(String from, String to) {
    int narrow = INTEGERS.indexOf(from);
    if (narrow >= 0) {
      return narrow < INTEGERS.indexOf(to);
    }
    Matcher earlier = TEXT.matcher(from);
    Matcher later = TEXT.matcher(to);
    return earlier.matches() && later.matches() && length(earlier) <= length(later);
  }

  private static long length(Matcher type) {
    String length = type.group(1);
    return length == null ? Long.MAX_VALUE : Long.parseLong(length);
  }
}
