package dev.pgetl.benchmarks.measure;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Results, then comparisons, as a list of JSON objects, one a line; null where a figure does not
 * apply. A pair in a comparison has this build's figure first.
 */
public final class ResultJson {
  private static final int DECIMALS = 3;

  private ResultJson() {}

  /** {@return the text of the file} */
  public static String of(List<Result> results, List<Comparison> comparisons) {
    return Stream.concat(
            results.stream().map(ResultJson::object), comparisons.stream().map(ResultJson::object))
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

  private static String object(Comparison comparison) {
    String figures =
        Comparison.FIGURES.stream()
            .map(figure -> "\"" + figure.key() + "\": " + ratio(comparison, figure))
            .collect(Collectors.joining(", "));
    return "{\"workload\": \"%s\", \"now\": \"%s\", \"before\": \"%s\", \"verdict\": \"%s\", %s}"
        .formatted(
            comparison.workload(),
            comparison.now().subject(),
            comparison.before().subject(),
            comparison.verdict().name().toLowerCase(Locale.ROOT),
            figures);
  }

  private static String ratio(Comparison comparison, Figure figure) {
    Median ratio = comparison.ratio(figure);
    String pairs =
        IntStream.range(0, comparison.pairs())
            .mapToObj(
                i ->
                    "[%s, %s]"
                        .formatted(
                            number(comparison.now().runs().get(i).figure(figure)),
                            number(comparison.before().runs().get(i).figure(figure))))
            .collect(Collectors.joining(", ", "[", "]"));
    return "{\"ratio\": %s, \"low\": %s, \"high\": %s, \"pairs\": %s}"
        .formatted(number(ratio.value()), number(ratio.low()), number(ratio.high()), pairs);
  }

  private static String number(double value) {
    return number(OptionalDouble.of(value));
  }

  private static String number(OptionalDouble value) {
    return value.isEmpty() || Double.isInfinite(value.getAsDouble())
        ? "null"
        : BigDecimal.valueOf(value.getAsDouble())
            .setScale(DECIMALS, RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString();
  }
}
