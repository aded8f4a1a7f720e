package dev.pgetl.it.httpwalk;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.random.RandomGenerator;

/** Texts and documents that are hard to carry, each with a canary. */
final class HardTexts {
  private static final List<String> PIECES =
      List.of(
          "\n",
          "\r\n",
          "\t",
          "\"",
          "\\",
          "\\n",
          "\\u0041",
          "'",
          "''",
          "{}",
          "[",
          "</a>",
          "%41",
          "&amp;",
          ";",
          "$1",
          "?",
          "\u0001",
          "\u001f",
          "\u007f",
          "\u00e4\u00df",
          "a\u0308",
          "\u2028",
          "\u2029",
          "\ufeff",
          "\ud83d\ude00",
          " ",
          "null",
          "\u65e5\u672c");
  private static final List<String> SPACE = List.of("", "", " ", "\n", "\r\n", "\n\t ", "\r");
  private static final List<String> NUMBERS =
      List.of("0", "-0", "1.50", "1e3", "-1E-7", "123456789012345678901234567890", "1.0e+400");
  private static final int LARGE = 24_000;
  private static final int DEEP = 300;

  private HardTexts() {}

  static String text(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    int pieces = random.nextInt(5);
    for (int i = 0; i < pieces; i++) {
      text.append(one(PIECES, random));
    }
    text.append(Canaries.word(random)).append(one(PIECES, random));
    return random.nextInt(8) == 0 ? text + large(random) : text.toString();
  }

  /** Stays outside the row, so an update that leaves it alone does not carry it. */
  private static String large(RandomGenerator random) {
    StringBuilder large = new StringBuilder(LARGE);
    while (large.length() < LARGE) {
      large.append(Long.toString(random.nextLong(), 36)).append(Canaries.word(random));
    }
    return large.toString();
  }

  static String document(RandomGenerator random) {
    if (random.nextInt(15) == 0) {
      int depth = 1 + random.nextInt(DEEP);
      return "[\n".repeat(depth) + string(random) + "\r]".repeat(depth);
    }
    StringBuilder json = new StringBuilder();
    value(json, random, 3);
    return json.toString();
  }

  private static void value(StringBuilder json, RandomGenerator random, int depth) {
    json.append(one(SPACE, random));
    switch (depth == 0 ? random.nextInt(3) : random.nextInt(6)) {
      case 0 -> json.append(one(NUMBERS, random));
      case 1 -> json.append(random.nextBoolean() ? "true" : "null");
      case 2, 3 -> json.append(string(random));
      case 4 -> members(json, random, depth, "[", "]");
      default -> members(json, random, depth, "{", "}");
    }
    json.append(one(SPACE, random));
  }

  private static void members(
      StringBuilder json, RandomGenerator random, int depth, String open, String close) {
    json.append(open);
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      json.append(i == 0 ? "" : ",").append(one(SPACE, random));
      if (open.equals("{")) {
        json.append("\"k").append(i).append("\\t\"").append(one(SPACE, random)).append(":");
      }
      value(json, random, depth - 1);
    }
    json.append(one(SPACE, random)).append(close);
  }

  private static String string(RandomGenerator random) {
    return new TextNode(text(random)).toString();
  }

  private static String one(List<String> texts, RandomGenerator random) {
    return texts.get(random.nextInt(texts.size()));
  }
}
