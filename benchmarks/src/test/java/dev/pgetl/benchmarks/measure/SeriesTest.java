package dev.pgetl.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeriesTest {
  @Test
  void theMedianIsTakenFigureByFigure() {
    Result median =
        new Series(
                List.of(
                    result("w", "s", Map.of(Figure.ROWS_PER_S, 10.0, Figure.CLIENT_CPU_S, 3.0)),
                    result("w", "s", Map.of(Figure.ROWS_PER_S, 30.0, Figure.CLIENT_CPU_S, 1.0)),
                    result("w", "s", Map.of(Figure.ROWS_PER_S, 20.0, Figure.CLIENT_CPU_S, 2.0))))
            .median();

    assertThat(median.figures())
        .isEqualTo(Map.of(Figure.ROWS_PER_S, 20.0, Figure.CLIENT_CPU_S, 2.0));
  }

  @Test
  void anEvenNumberOfRunsHasTheMiddleOfTheInnerTwo() {
    Result median =
        new Series(
                List.of(
                    result("w", "s", Map.of(Figure.P50_MS, 1.0)),
                    result("w", "s", Map.of(Figure.P50_MS, 9.0)),
                    result("w", "s", Map.of(Figure.P50_MS, 2.0)),
                    result("w", "s", Map.of(Figure.P50_MS, 4.0))))
            .median();

    assertThat(median.figure(Figure.P50_MS)).hasValue(3.0);
  }

  private static Result result(String workload, String subject, Map<Figure, Double> figures) {
    return new Result(workload, subject, figures);
  }
}
