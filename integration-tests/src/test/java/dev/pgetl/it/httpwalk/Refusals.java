package dev.pgetl.it.httpwalk;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/** Answers that repeat what they refuse, in spellings of their own. */
final class Refusals {
  private static final int BEFORE = 60;
  private static final int AFTER = 80;

  private Refusals() {}

  static String answer(Request request, RandomGenerator random) {
    int at = request.text().indexOf(Canaries.POISON);
    String value =
        request
            .text()
            .substring(Math.max(0, at - BEFORE), Math.min(request.text().length(), at + AFTER));
    String shown = random.nextInt(5) == 0 ? HttpWalkIT.TOKEN : value;
    return switch (random.nextInt(3)) {
      case 0 -> "{\"error\": \"invalid value " + spelled(shown, random) + " in column c1\"}";
      case 1 -> "value too long: " + spelled(shown, random);
      default -> spelled(shown, random);
    };
  }

  private static String spelled(String value, RandomGenerator random) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(10)) {
      case 0 -> value;
      case 1 -> escaped(value, c -> c > 127);
      case 2 -> escaped(value, c -> true);
      case 3 -> value.toUpperCase(Locale.ROOT);
      case 4 -> Base64.getEncoder().encodeToString(bytes);
      case 5 -> HexFormat.of().formatHex(bytes);
      case 6 -> URLEncoder.encode(value, StandardCharsets.UTF_8);
      case 7 -> new StringBuilder(value).reverse().toString();
      case 8 -> reversedWords(value);
      default -> String.join("-", value.split(""));
    };
  }

  private static String escaped(String value, IntPredicate concerned) {
    StringBuilder escaped = new StringBuilder();
    value
        .chars()
        .forEach(
            c ->
                escaped.append(
                    concerned.test(c) ? "\\u%04x".formatted(c) : String.valueOf((char) c)));
    return escaped.toString();
  }

  private static String reversedWords(String value) {
    List<String> words = new ArrayList<>(List.of(value.split(" ", -1)));
    Collections.reverse(words);
    return String.join(" ", words);
  }
}
