package dev.pgetl.benchmarks.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Comparisons as a table: the verdict, then each median of the ratios with its interval. */
public final class ComparisonTable {
  private ComparisonTable() {}

  /** {@return the table} */
  public static String of(List<Comparison> comparisons) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(head());
    comparisons.forEach(comparison -> lines.add(line(comparison)));
    return ResultTable.align(lines);
  }

  private static List<String> head() {
    List<String> head = new ArrayList<>(List.of("now / before", ">= 0.97", "pairs"));
    for (Figure figure : Comparison.FIGURES) {
      head.addAll(List.of(figure.title(), "95 %"));
    }
    return head;
  }

  private static List<String> line(Comparison comparison) {
    List<String> line = new ArrayList<>();
    line.add(comparison.workload());
    line.add(comparison.verdict().name().toLowerCase(Locale.ROOT));
    line.add(Integer.toString(comparison.pairs()));
    for (Figure figure : Comparison.FIGURES) {
      Median ratio = comparison.ratio(figure);
      line.add(String.format(Locale.ROOT, "%.3f", ratio.value()));
      line.add(
          Double.isInfinite(ratio.low())
              ? "-"
              : String.format(Locale.ROOT, "%.3f..%.3f", ratio.low(), ratio.high()));
    }
    return line;
  }
}
