package dev.pgetl.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultTest {
  @Test
  void theFileHasEveryFigureOfTheContractAndNullForWhatDoesNotApply() {
    Result narrow =
        result(
            "stream-narrow", "pgetl", Map.of(Figure.ROWS_PER_S, 280_123.45678, Figure.MAX_MS, 5.0));

    assertThat(ResultJson.of(List.of(narrow, result("idle", "pgetl", Map.of())), List.of()))
        .isEqualTo(
            """
            [
            {"workload": "stream-narrow", "subject": "pgetl", "rows_per_s": 280123.457, "mb_per_s": null, "client_cpu_s": null, "server_cpu_s": null, "target_cpu_s": null, "cpu_us_per_row": null, "alloc_mb": null, "peak_rss_mb": null, "p50_ms": null, "p99_ms": null, "last_row_s": null, "ready_s": null, "rows_again": null, "rest_ratio": null},
            {"workload": "idle", "subject": "pgetl", "rows_per_s": null, "mb_per_s": null, "client_cpu_s": null, "server_cpu_s": null, "target_cpu_s": null, "cpu_us_per_row": null, "alloc_mb": null, "peak_rss_mb": null, "p50_ms": null, "p99_ms": null, "last_row_s": null, "ready_s": null, "rows_again": null, "rest_ratio": null}
            ]
            """);
  }

  @Test
  void theTableComparesWithTheYardstickOfTheWorkloadAndItsVariants() {
    String table =
        ResultTable.of(
            List.of(
                result("copy", "ours", Map.of(Figure.ROWS_PER_S, 300.0)),
                result("copy", "theirs", Map.of(Figure.ROWS_PER_S, 200.0)),
                result("copy-2", "ours", Map.of(Figure.ROWS_PER_S, 500.0)),
                result("copy-far", "ours", Map.of(Figure.ROWS_PER_S, 100.0)),
                result("copy-far", "theirs", Map.of(Figure.ROWS_PER_S, 50.0)),
                result("copying", "ours", Map.of(Figure.ROWS_PER_S, 700.0))),
            "theirs"::equals);

    assertThat(
            table
                .lines()
                .map(line -> line.split(" {2,}"))
                .map(List::of)
                .map(line -> line.subList(0, Math.min(line.size(), 4))))
        .containsExactly(
            List.of("workload", "subject", "rows/s", "ratio"),
            List.of("copy", "ours", "300", "1.50x"),
            List.of("copy", "theirs", "200"),
            List.of("copy-2", "ours", "500", "2.50x"),
            List.of("copy-far", "ours", "100", "2.00x"),
            List.of("copy-far", "theirs", "50"),
            List.of("copying", "ours", "700"));
  }

  @Test
  void theTimeUntilAllTablesAreReadyIsComparedWithTheYardsticksLastRow() {
    String table =
        ResultTable.of(
            List.of(
                result("copy", "ours", Map.of(Figure.LAST_ROW_S, 3.0, Figure.READY_S, 4.0)),
                result("copy", "theirs", Map.of(Figure.LAST_ROW_S, 2.0))),
            "theirs"::equals);

    assertThat(table)
        .isEqualTo(
            """
            workload  subject  last row s  ready s  ratio
            copy      ours           3.00     4.00  2.00x
            copy      theirs         2.00        -
            """);
  }

  private static Result result(String workload, String subject, Map<Figure, Double> figures) {
    return new Result(workload, subject, figures);
  }
}
