package dev.pgetl.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.benchmarks.measure.Comparison.Verdict;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final int ENOUGH = Comparison.ENOUGH_PAIRS;

  @Test
  void aRatioIsTheMedianOfThePairsNotTheRatioOfTheMedians() {
    Comparison comparison =
        Comparison.of(
            series(run("now", 10, 1, 1), run("now", 40, 1, 1), run("now", 90, 1, 1)),
            series(run("old", 10, 1, 1), run("old", 20, 1, 1), run("old", 30, 1, 1)));

    assertThat(comparison.ratio(Figure.ROWS_PER_S).value()).isEqualTo(2);
    assertThat(comparison.pairs()).isEqualTo(3);
  }

  @Test
  void holdsIfTheIntervalReachesTheRateAndTheCostsAreSmall() {
    assertThat(verdict(97, 103, 103)).isEqualTo(Verdict.HOLDS);
    assertThat(verdict(96.9, 100, 100)).isEqualTo(Verdict.FAILS);
    assertThat(verdict(110, 103.1, 100)).isEqualTo(Verdict.FAILS);
    assertThat(verdict(110, 100, 103.1)).isEqualTo(Verdict.FAILS);
  }

  @Test
  void theUpperEndOfTheIntervalCounts() {
    Series before = repeated(run("old", 100, 1, 1), ENOUGH);
    Result slow = run("now", 90, 1, 1);
    Result fast = run("now", 97, 1, 1);

    assertThat(Comparison.of(mixed(slow, fast, 2), before).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(Comparison.of(mixed(slow, fast, 1), before).verdict()).isEqualTo(Verdict.FAILS);
  }

  @Test
  void fewerPairsThanTheRuleNeedsDecideNothing() {
    assertThat(
            Comparison.of(
                    repeated(run("now", 200, 1, 1), ENOUGH - 1),
                    repeated(run("old", 100, 1, 1), ENOUGH - 1))
                .verdict())
        .isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void comparesTheSeriesOfTheSameWorkload() {
    List<Comparison> comparisons =
        Comparison.of(
            List.of(
                series(new Result("w", "now", run("now", 10, 1, 1).figures())),
                series(new Result("w", "old", run("old", 20, 1, 1).figures())),
                series(new Result("w", "psql", Map.of())),
                series(new Result("w-2", "now", run("now", 30, 1, 1).figures())),
                series(new Result("w-2", "old", run("old", 10, 1, 1).figures()))),
            "now",
            "old");

    assertThat(comparisons).extracting(Comparison::workload).containsExactly("w", "w-2");
    assertThat(comparisons)
        .extracting(comparison -> comparison.ratio(Figure.ROWS_PER_S).value())
        .containsExactly(0.5, 3.0);
  }

  @Test
  void failsIfARatioIsMissing() {
    Series now = series(run("now", 1, 1, 1));
    Result withoutAllocation =
        new Result("w", "old", Map.of(Figure.ROWS_PER_S, 1.0, Figure.CLIENT_CPU_S, 1.0));

    assertThatIllegalStateException()
        .isThrownBy(() -> Comparison.of(now, series(withoutAllocation)))
        .withMessageContaining("no ratio of ALLOC_MB");
    assertThatIllegalStateException()
        .isThrownBy(() -> Comparison.of(now, series(run("old", 1, 0, 1))))
        .withMessageContaining("no ratio of CLIENT_CPU_S");
    assertThatIllegalStateException()
        .isThrownBy(() -> Comparison.of(now, repeated(run("old", 1, 1, 1), 2)))
        .withMessageContaining("1 runs cannot be paired with 2");
    assertThatIllegalStateException()
        .isThrownBy(() -> Comparison.of(List.of(now), "now", "old"))
        .withMessageContaining("w was not measured with old");
  }

  @Test
  void theTableHasEachMedianWithItsInterval() {
    String table = ComparisonTable.of(List.of(elevenPairs(), onePair()));

    assertThat(table.lines().map(line -> List.of(line.split(" {2,}"))))
        .containsExactly(
            List.of(
                "now / before",
                ">= 0.97",
                "pairs",
                "rows/s",
                "95 %",
                "client s",
                "95 %",
                "alloc MB",
                "95 %"),
            List.of(
                "w",
                "fails",
                "11",
                "0.060",
                "0.020..0.100",
                "2.000",
                "2.000..2.000",
                "0.500",
                "0.500..0.500"),
            List.of("w", "undecided", "1", "2.000", "-", "2.000", "-", "1.000", "-"));
  }

  @Test
  void theFileHasThePairs() {
    assertThat(ResultJson.of(List.of(), List.of(onePair())))
        .isEqualTo(
            """
            [
            {"workload": "w", "now": "now", "before": "old", "verdict": "undecided", \
            "rows_per_s": {"ratio": 2, "low": null, "high": null, "pairs": [[20, 10]]}, \
            "client_cpu_s": {"ratio": 2, "low": null, "high": null, "pairs": [[3, 1.5]]}, \
            "alloc_mb": {"ratio": 1, "low": null, "high": null, "pairs": [[5, 5]]}}
            ]
            """);
    assertThat(ResultJson.of(List.of(), List.of(elevenPairs())))
        .contains(
            "{\"ratio\": 0.06, \"low\": 0.02, \"high\": 0.1, \"pairs\": [[1, 100], [2, 100],");
  }

  private static Comparison onePair() {
    return Comparison.of(series(run("now", 20, 3, 5)), series(run("old", 10, 1.5, 5)));
  }

  private static Comparison elevenPairs() {
    return Comparison.of(
        new Series(IntStream.rangeClosed(1, ENOUGH).mapToObj(i -> run("now", i, 4, 1)).toList()),
        repeated(run("old", 100, 2, 2), ENOUGH));
  }

  private static Verdict verdict(double rate, double cpu, double allocated) {
    return Comparison.of(
            repeated(run("now", rate, cpu, allocated), ENOUGH),
            repeated(run("old", 100, 100, 100), ENOUGH))
        .verdict();
  }

  /** The last runs are fast. */
  private static Series mixed(Result slow, Result fast, int fastRuns) {
    return new Series(
        Stream.concat(
                Collections.nCopies(ENOUGH - fastRuns, slow).stream(),
                Collections.nCopies(fastRuns, fast).stream())
            .toList());
  }

  private static Series repeated(Result run, int times) {
    return new Series(Collections.nCopies(times, run));
  }

  private static Series series(Result... runs) {
    return new Series(List.of(runs));
  }

  private static Result run(String subject, double rate, double cpu, double allocated) {
    return new Result(
        "w",
        subject,
        Map.of(Figure.ROWS_PER_S, rate, Figure.CLIENT_CPU_S, cpu, Figure.ALLOC_MB, allocated));
  }
}
