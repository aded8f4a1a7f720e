package dev.pgetl.benchmarks.measure;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a subject reached in a workload.
 *
 * @param workload its name
 * @param subject its name
 * @param figures those that apply
 */
public record Result(String workload, String subject, Map<Figure, Double> figures) {
  public Result {
    figures = Map.copyOf(figures);
  }

  /** {@return a figure; empty if it does not apply} */
  public OptionalDouble figure(Figure figure) {
    Double value = figures.get(figure);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /**
   * {@return the median of each figure}
   *
   * @param runs of one subject in one workload, at least one
   */
  public static Result median(List<Result> runs) {
    Map<Figure, Double> medians = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      List<Double> values = new ArrayList<>();
      for (Result run : runs) {
        run.figure(figure).ifPresent(values::add);
      }
      if (!values.isEmpty()) {
        medians.put(figure, middle(values));
      }
    }
    return new Result(runs.get(0).workload(), runs.get(0).subject(), medians);
  }

  private static double middle(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
