package dev.pgetl.destination.http.transport;

import dev.pgetl.destination.http.transport.Outcome.Answered;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The beginning of an answer, safe for a message: every word related to sent data is redacted,
 * because receivers often repeat the value they refuse.
 *
 * <p>A word is a run of letters and digits. It is redacted if it occurs in the sent values or
 * credentials, or if it contains one of their words of four or more letters, ignoring case. Names
 * of tables and columns, and the words of the format, are not values and are kept.
 */
public final class AnswerExcerpt {
  private static final int MAX_LENGTH = 300;
  private static final int MAX_SENT_BYTES = 16 << 20;
  private static final int TELLING_LENGTH = 4;
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
  private static final Pattern NOT_PRINTABLE = Pattern.compile("[\\p{C}\\p{Z}\\s]+");

  private final Set<String> publicWords;

  /**
   * Creates excerpts.
   *
   * @param publicTexts texts whose words are not values
   */
  public AnswerExcerpt(Collection<String> publicTexts) {
    publicWords = new HashSet<>();
    publicTexts.forEach(text -> words(text).forEach(publicWords::add));
  }

  /**
   * {@return the excerpt, empty if there is nothing to show}
   *
   * @param answer the receiver's answer
   * @param values the part of the body that holds values
   */
  public String of(Answered answer, ByteBuffer values) {
    if (answer.body().length == 0 || !isText(answer.contentType())) {
      return "";
    }
    if (values.remaining() > MAX_SENT_BYTES) {
      return "";
    }
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    text = NOT_PRINTABLE.matcher(text).replaceAll(" ").strip();
    boolean cut = text.length() > MAX_LENGTH;
    if (cut) {
      text = text.substring(0, MAX_LENGTH);
    }
    String sent = sent(values, answer.secrets().secrets());
    return blackOut(text, sent) + (cut ? "…" : "");
  }

  private static boolean isText(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT);
    return type.startsWith("text/") || type.contains("json") || type.contains("xml");
  }

  private static String sent(ByteBuffer values, Collection<String> secrets) {
    String body = StandardCharsets.UTF_8.decode(values.duplicate()).toString();
    return (body + " " + String.join(" ", secrets)).toLowerCase(Locale.ROOT);
  }

  private String blackOut(String text, String sent) {
    Set<String> telling = tellingWords(sent, text.toLowerCase(Locale.ROOT));
    return WORD.matcher(text)
        .replaceAll(
            word -> {
              String lower = word.group().toLowerCase(Locale.ROOT);
              boolean told =
                  !publicWords.contains(lower)
                      && (sent.contains(lower) || telling.stream().anyMatch(lower::contains));
              return told ? "***" : word.group();
            });
  }

  /** {@return words of the sent data that occur in the answer} */
  private Set<String> tellingWords(String sent, String answer) {
    Set<String> found = new HashSet<>();
    words(sent)
        .filter(word -> word.length() >= TELLING_LENGTH && answer.contains(word))
        .filter(word -> !publicWords.contains(word))
        .forEach(found::add);
    return found;
  }

  private static Stream<String> words(String text) {
    return WORD.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group);
  }
}
