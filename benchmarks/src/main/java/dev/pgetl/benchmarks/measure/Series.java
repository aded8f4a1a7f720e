package dev.pgetl.benchmarks.measure;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a subject reached in the rounds of a workload.
 *
 * @param runs one of each round, in order; at least one
 */
public record Series(List<Result> runs) {
  public Series {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("a series needs a run");
    }
  }

  /** {@return the workload's name} */
  public String workload() {
    return runs.get(0).workload();
  }

  /** {@return the subject's name} */
  public String subject() {
    return runs.get(0).subject();
  }

  /** {@return the median of each figure} */
  public Result median() {
    Map<Figure, Double> medians = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      List<Double> values = new ArrayList<>();
      for (Result run : runs) {
        run.figure(figure).ifPresent(values::add);
      }
      if (!values.isEmpty()) {
        medians.put(figure, Median.of(values).value());
      }
    }
    return new Result(workload(), subject(), medians);
  }
}
