package dev.pgetl.benchmarks.measure;

import java.util.EnumMap;
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

  boolean has(Figure figure) {
    return figures.containsKey(figure);
  }

  /**
   * {@return the same with one more figure}
   *
   * @param figure which
   * @param value its value
   */
  public Result with(Figure figure, double value) {
    Map<Figure, Double> more = new EnumMap<>(Figure.class);
    more.putAll(figures);
    more.put(figure, value);
    return new Result(workload, subject, more);
  }

  /** {@return a figure; empty if it does not apply} */
  public OptionalDouble figure(Figure figure) {
    Double value = figures.get(figure);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
