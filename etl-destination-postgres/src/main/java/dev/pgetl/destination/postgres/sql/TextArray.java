package dev.pgetl.destination.postgres.sql;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Lists as arrays of Postgres. */
public final class TextArray {
  private TextArray() {}

  /** {@return the text of an array} */
  public static String of(List<? extends @Nullable Object> elements) {
    return elements.stream().map(TextArray::element).collect(Collectors.joining(",", "{", "}"));
  }

  private static String element(@Nullable Object element) {
    return element == null
        ? "NULL"
        : '"' + element.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
