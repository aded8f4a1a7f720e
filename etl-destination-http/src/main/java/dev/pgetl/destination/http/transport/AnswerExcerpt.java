package dev.pgetl.destination.http.transport;

import dev.pgetl.destination.http.transport.Outcome.Answered;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The beginning of an answer, safe for a message. Receivers often repeat the value they refuse, in
 * any spelling, so only words known to be harmless are shown: names of tables and columns, words of
 * the format, and English words of error messages that were not sent as part of a value. Anything
 * else, numbers included, becomes a mark; of punctuation nothing is left.
 *
 * <p>A word of a credential is never shown.
 */
public final class AnswerExcerpt {
  private static final int MAX_LENGTH = 300;
  private static final int MAX_SENT_BYTES = 16 << 20;
  private static final String MARK = "***";

  /** A run of letters with their marks, and digits. */
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}\\p{M}]+");

  /** What is between blanks and usual punctuation: an escape is a piece with what it belongs to. */
  private static final Pattern PIECE =
      Pattern.compile("[^\\s\\p{Z}\\p{C}\"'`.,:;!?()\\[\\]{}<>=/_-]+");

  private final Set<String> names;

  /**
   * Creates excerpts.
   *
   * @param names texts whose words are not values
   */
  public AnswerExcerpt(Collection<String> names) {
    this.names = new HashSet<>();
    names.forEach(text -> words(text).forEach(this.names::add));
  }

  /**
   * {@return the excerpt, empty if there is nothing to show}
   *
   * @param answer the receiver's answer
   * @param values the part of the body that holds values
   */
  public String of(Answered answer, ByteBuffer values) {
    if (answer.body().length == 0
        || !isText(answer.contentType())
        || values.remaining() > MAX_SENT_BYTES) {
      return "";
    }
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    List<String> pieces =
        PIECE
            .matcher(text)
            .results()
            .filter(piece -> piece.end() <= MAX_LENGTH)
            .map(MatchResult::group)
            .toList();
    Set<String> harmless = harmless(pieces, answer, values);
    return shown(pieces, harmless) + (text.length() > MAX_LENGTH ? "…" : "");
  }

  private static boolean isText(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT);
    return type.startsWith("text/") || type.contains("json") || type.contains("xml");
  }

  /** {@return the pieces that may be shown, in lower case} */
  private Set<String> harmless(List<String> pieces, Answered answer, ByteBuffer values) {
    Set<String> harmless = new HashSet<>();
    for (String piece : pieces) {
      String word = lower(piece);
      if (HarmlessWords.contains(word)) {
        harmless.add(word);
      }
    }
    words(StandardCharsets.UTF_8.decode(values.duplicate()).toString()).forEach(harmless::remove);
    harmless.addAll(names);
    answer.secrets().secrets().forEach(secret -> words(secret).forEach(harmless::remove));
    return harmless;
  }

  private static String shown(List<String> pieces, Set<String> harmless) {
    List<String> shown = new ArrayList<>();
    for (String piece : pieces) {
      String next = harmless.contains(lower(piece)) ? piece : MARK;
      if (!next.equals(MARK) || shown.isEmpty() || !shown.get(shown.size() - 1).equals(MARK)) {
        shown.add(next);
      }
    }
    return String.join(" ", shown);
  }

  private static Stream<String> words(String text) {
    return WORD.matcher(lower(text)).results().map(MatchResult::group);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
