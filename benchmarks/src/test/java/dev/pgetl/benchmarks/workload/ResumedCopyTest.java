package dev.pgetl.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.benchmarks.measure.Figure;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResumedCopyTest {
  @Test
  void theRestIsComparedWithTheUndisturbedCopyOfTheSameRoundAndSubject() {
    List<Series> series =
        ResumedCopy.withRatios(
            List.of(
                series("copy-undisturbed", "now", 50, 40),
                series("copy", "now", 5, 10),
                series("copy-undisturbed", "before", 100, 100),
                series("copy", "before", 100, 90)));

    assertThat(series)
        .extracting(ResumedCopyTest::ratios)
        .containsExactly(List.of(), List.of(0.1, 0.25), List.of(), List.of(1.0, 0.9));
    assertThat(series.get(1).median().figures()).containsEntry(Figure.LAST_ROW_S, 7.5);
  }

  private static List<Double> ratios(Series series) {
    return series.runs().stream()
        .flatMapToDouble(run -> run.figure(Figure.REST_RATIO).stream())
        .boxed()
        .toList();
  }

  private static Series series(String workload, String subject, double... seconds) {
    return new Series(
        Arrays.stream(seconds)
            .mapToObj(second -> new Result(workload, subject, Map.of(Figure.LAST_ROW_S, second)))
            .toList());
  }
}
