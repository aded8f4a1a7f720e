package dev.pgetl.benchmarks.measure;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * How this build compares with an older one in a workload. The runs of a round are a pair.
 *
 * @param now the runs of this build
 * @param before the runs of the older build
 * @param ratios of now to before, for each of {@link #FIGURES}: the median of the pairs
 */
public record Comparison(Series now, Series before, Map<Figure, Median> ratios) {
  /** How many pairs the rule needs. */
  public static final int ENOUGH_PAIRS = 11;

  /** What is compared. */
  static final List<Figure> FIGURES =
      List.of(Figure.ROWS_PER_S, Figure.CLIENT_CPU_S, Figure.ALLOC_MB);

  private static final double RATE = 0.97;
  private static final double COST = 1.03;

  /** Whether this build is as good as the older one. */
  enum Verdict {
    /**
     * The interval of the rate reaches 0.97; the medians of CPU and allocation are at most 1.03.
     */
    HOLDS,
    /** They are not. */
    FAILS,
    /** There are too few pairs. */
    UNDECIDED
  }

  public Comparison {
    ratios = Map.copyOf(ratios);
  }

  /**
   * {@return the comparisons in all workloads and variants}
   *
   * @param series of both subjects, among others
   * @param now the name of this build
   * @param before the name of the older build
   * @throws IllegalStateException if a ratio is missing
   */
  public static List<Comparison> of(List<Series> series, String now, String before) {
    return series.stream()
        .filter(one -> one.subject().equals(now))
        .map(one -> of(one, counterpart(one, series, before)))
        .toList();
  }

  private static Series counterpart(Series now, List<Series> series, String before) {
    return series.stream()
        .filter(one -> one.subject().equals(before) && one.workload().equals(now.workload()))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException(now.workload() + " was not measured with " + before));
  }

  /**
   * {@return the comparison of two series of the same workload}
   *
   * @throws IllegalStateException if a ratio is missing
   */
  static Comparison of(Series now, Series before) {
    if (now.runs().size() != before.runs().size()) {
      throw new IllegalStateException(
          "%s: %d runs cannot be paired with %d"
              .formatted(now.workload(), now.runs().size(), before.runs().size()));
    }
    Map<Figure, Median> ratios = new EnumMap<>(Figure.class);
    for (Figure figure : FIGURES) {
      List<Double> ofPairs =
          IntStream.range(0, now.runs().size())
              .mapToObj(i -> ratio(figure, now.runs().get(i), before.runs().get(i)))
              .toList();
      ratios.put(figure, Median.of(ofPairs));
    }
    return new Comparison(now, before, ratios);
  }

  private static double ratio(Figure figure, Result now, Result before) {
    OptionalDouble dividend = now.figure(figure);
    OptionalDouble divisor = before.figure(figure);
    double ratio = dividend.orElse(Double.NaN) / divisor.orElse(Double.NaN);
    if (!(ratio > 0) || Double.isInfinite(ratio)) {
      throw new IllegalStateException(
          "%s: no ratio of %s: %s now, %s before"
              .formatted(now.workload(), figure, dividend, divisor));
    }
    return ratio;
  }

  String workload() {
    return now.workload();
  }

  int pairs() {
    return now.runs().size();
  }

  Median ratio(Figure figure) {
    return Objects.requireNonNull(ratios.get(figure), figure::name);
  }

  Verdict verdict() {
    if (pairs() < ENOUGH_PAIRS) {
      return Verdict.UNDECIDED;
    }
    return ratio(Figure.ROWS_PER_S).high() >= RATE
            && ratio(Figure.CLIENT_CPU_S).value() <= COST
            && ratio(Figure.ALLOC_MB).value() <= COST
        ? Verdict.HOLDS
        : Verdict.FAILS;
  }
}
