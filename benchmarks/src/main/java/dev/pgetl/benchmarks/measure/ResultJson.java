package dev.pgetl.benchmarks.measure;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Results as a list of JSON objects, one a line; null where a figure does not apply. */
public final class ResultJson {
  private static final int DECIMALS = 3;

  private ResultJson() {}

  /** {@return the text of the file} */
  public static String of(List<Result> results) {
    return results.stream()
        .map(ResultJson::object)
        .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
  }

  private static String object(Result result) {
    String figures =
        Arrays.stream(Figure.values())
            .filter(figure -> !figure.key().isEmpty())
            .map(figure -> "\"" + figure.key() + "\": " + number(result.figure(figure)))
            .collect(Collectors.joining(", "));
    return "{\"workload\": \"%s\", \"subject\": \"%s\", %s}"
        .formatted(result.workload(), result.subject(), figures);
  }

  private static String number(OptionalDouble value) {
    return value.isEmpty()
        ? "null"
        : BigDecimal.valueOf(value.getAsDouble())
            .setScale(DECIMALS, RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString();
  }
}
