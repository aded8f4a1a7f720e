package dev.pgetl.benchmarks.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * Results as a table; a figure that no result has gets no column. Behind rows per second, client
 * CPU and server CPU stands how many times those of the yardstick they are: of a subject in the
 * same workload, or in the one it is a variant of. The time until all tables are ready is compared
 * with that of the yardstick's last row.
 */
public final class ResultTable {
  private static final List<Figure> WITH_RATIO =
      List.of(Figure.ROWS_PER_S, Figure.CLIENT_CPU_S, Figure.SERVER_CPU_S, Figure.READY_S);

  private ResultTable() {}

  /**
   * {@return the table}
   *
   * @param results those of one workload one after the other
   * @param yardstick whether a subject is what others are compared with
   */
  public static String of(List<Result> results, Predicate<String> yardstick) {
    List<Figure> shown =
        Arrays.stream(Figure.values())
            .filter(figure -> results.stream().anyMatch(result -> result.has(figure)))
            .toList();
    List<List<String>> lines = new ArrayList<>();
    lines.add(head(shown));
    for (Result result : results) {
      lines.add(line(result, shown, yardstickOf(result, results, yardstick)));
    }
    return align(lines);
  }

  private static Result yardstickOf(
      Result result, List<Result> results, Predicate<String> yardstick) {
    return results.stream()
        .filter(other -> (result.workload() + "-").startsWith(other.workload() + "-"))
        .filter(other -> yardstick.test(other.subject()))
        .max(Comparator.comparingInt(other -> other.workload().length()))
        .orElse(result);
  }

  private static List<String> head(List<Figure> figures) {
    List<String> head = new ArrayList<>(List.of("workload", "subject"));
    for (Figure figure : figures) {
      head.add(figure.title());
      if (WITH_RATIO.contains(figure)) {
        head.add("ratio");
      }
    }
    return head;
  }

  private static List<String> line(Result result, List<Figure> figures, Result yardstick) {
    List<String> line = new ArrayList<>(List.of(result.workload(), result.subject()));
    for (Figure figure : figures) {
      OptionalDouble value = result.figure(figure);
      line.add(shown(value, figure.decimals()));
      if (WITH_RATIO.contains(figure)) {
        line.add(result.equals(yardstick) ? "" : ratio(value, yardstick.figure(measure(figure))));
      }
    }
    return line;
  }

  private static Figure measure(Figure figure) {
    return figure == Figure.READY_S ? Figure.LAST_ROW_S : figure;
  }

  private static String shown(OptionalDouble value, int decimals) {
    return value.isEmpty()
        ? "-"
        : String.format(Locale.ROOT, "%,." + decimals + "f", value.getAsDouble());
  }

  private static String ratio(OptionalDouble value, OptionalDouble yardstick) {
    return value.isEmpty() || yardstick.isEmpty() || yardstick.getAsDouble() == 0
        ? ""
        : String.format(Locale.ROOT, "%.2fx", value.getAsDouble() / yardstick.getAsDouble());
  }

  /** {@return the lines with their columns side by side, the first two to the left} */
  static String align(List<List<String>> lines) {
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder table = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(widths[i] - line.get(i).length());
        text.append(i < 2 ? line.get(i) + padding : padding + line.get(i)).append("  ");
      }
      table.append(text.toString().stripTrailing()).append('\n');
    }
    return table.toString();
  }
}
