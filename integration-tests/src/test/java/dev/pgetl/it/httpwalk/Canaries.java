package dev.pgetl.it.httpwalk;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words that stand in values and credentials only. They have letters that no English word has in a
 * row, so a part of one is recognised too, backwards as well.
 */
final class Canaries {
  /** Requests with this word are refused, if the receiver is not told otherwise. */
  static final String POISON = "zzqqzz";

  /** Numbers that are values begin so. */
  static final String DIGITS = "90817263";

  private static final String LETTERS = "qxzjvkw";
  private static final int LENGTH = 12;
  private static final Pattern WORD = Pattern.compile("[" + LETTERS + "]{4}|" + DIGITS);
  private static final Pattern SCATTERED = Pattern.compile("[" + LETTERS + "]{6}");
  private static final Pattern NO_LETTER = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final Pattern ESCAPED = Pattern.compile("\\\\u([0-9a-fA-F]{4})");
  private static final Pattern PERCENT = Pattern.compile("(?:%[0-9a-fA-F]{2})+");
  private static final Pattern HEX = Pattern.compile("(?:[0-9a-fA-F]{2}){6,}");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{12,}");

  private Canaries() {}

  /** {@return a new one} */
  static String word(RandomGenerator random) {
    StringBuilder word = new StringBuilder("q");
    while (word.length() < LENGTH) {
      char next = LETTERS.charAt(random.nextInt(LETTERS.length()));
      if (next != word.charAt(word.length() - 1)) {
        word.append(next);
      }
    }
    return word.toString();
  }

  /** {@return whether a text shows one, in any usual spelling} */
  static boolean sings(String text) {
    String plain = decoded(text).toLowerCase(Locale.ROOT);
    return WORD.matcher(plain).find()
        || SCATTERED.matcher(NO_LETTER.matcher(plain).replaceAll("")).find()
        || HEX.matcher(text).results().anyMatch(Canaries::isHexOfOne)
        || BASE64.matcher(text).results().anyMatch(Canaries::isBase64OfOne);
  }

  private static String decoded(String text) {
    String unescaped =
        ESCAPED
            .matcher(text)
            .replaceAll(
                match ->
                    Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(match.group(1), 16))));
    return PERCENT
        .matcher(unescaped)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    new String(
                        HexFormat.of().parseHex(match.group().replace("%", "")),
                        StandardCharsets.UTF_8)));
  }

  private static boolean isHexOfOne(MatchResult match) {
    String hex = match.group().substring(match.group().length() % 2);
    return WORD.matcher(ascii(HexFormat.of().parseHex(hex))).find();
  }

  /** Wherever it was cut. */
  private static boolean isBase64OfOne(MatchResult match) {
    for (int skipped = 0; skipped < 4; skipped++) {
      String rest = match.group().substring(skipped);
      byte[] bytes = Base64.getDecoder().decode(rest.substring(0, rest.length() / 4 * 4));
      if (WORD.matcher(ascii(bytes)).find()) {
        return true;
      }
    }
    return false;
  }

  private static String ascii(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
  }
}
