package dev.pgetl.internal.row;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code types.jsonl}: a value as a real server printed it, in the stream and in COPY.
 *
 * @param number its number
 * @param type the type as SQL has it
 * @param expression SQL that gives the value
 * @param text what pgoutput carried
 * @param copy what COPY printed, escapes included
 * @param typeOid the type's OID; null for types of the user
 * @param modifier the modifier of a column of the type
 */
public record TypeSample(
    int number,
    String type,
    String expression,
    String text,
    String copy,
    @Nullable Long typeOid,
    int modifier) {

  /** {@return all 282 of them} */
  public static List<TypeSample> all() {
    InputStream file = Objects.requireNonNull(TypeSample.class.getResourceAsStream("types.jsonl"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
      return lines.lines().map(line -> of(new JsonLine(line).object())).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TypeSample of(Map<String, @Nullable Object> line) {
    return new TypeSample(
        Math.toIntExact((Long) Objects.requireNonNull(line.get("n"))),
        String.valueOf(line.get("type")),
        String.valueOf(line.get("expr")),
        text(line.get("text")),
        text(line.get("copy")),
        (Long) line.get("typeOid"),
        Math.toIntExact((Long) Objects.requireNonNull(line.get("typmod"))));
  }

  /** Very long texts are told by their length and both ends, with zeros between them. */
  private static String text(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> shortened)) {
      return String.valueOf(value);
    }
    String head = String.valueOf(shortened.get("head"));
    String tail = String.valueOf(shortened.get("tail"));
    int length = Math.toIntExact((Long) Objects.requireNonNull(shortened.get("length")));
    return head + "0".repeat(length - head.length() - tail.length()) + tail;
  }

  @Override
  public String toString() {
    return number + " " + type;
  }
}
