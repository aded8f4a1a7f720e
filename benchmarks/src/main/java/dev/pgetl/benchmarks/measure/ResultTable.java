package dev.pgetl.benchmarks.measure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * Results as a table. Behind rows per second, client CPU and server CPU stands how many times those
 * of the yardstick they are: of a subject in the same workload, or in the one it is a variant of.
 */
public final class ResultTable {
  private static final List<Figure> WITH_RATIO =
      List.of(Figure.ROWS_PER_S, Figure.CLIENT_CPU_S, Figure.SERVER_CPU_S);

  private ResultTable() {}

  /**
   * {@return the table}
   *
   * @param results those of one workload one after the other
   * @param yardstick whether a subject is what others are compared with
   */
  public static String of(List<Result> results, Predicate<String> yardstick) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(head());
    for (Result result : results) {
      lines.add(line(result, yardstickOf(result, results, yardstick)));
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

  private static List<String> head() {
    List<String> head = new ArrayList<>(List.of("workload", "subject"));
    for (Figure figure : Figure.values()) {
      head.add(figure.title());
      if (WITH_RATIO.contains(figure)) {
        head.add("ratio");
      }
    }
    return head;
  }

  private static List<String> line(Result result, Result yardstick) {
    List<String> line = new ArrayList<>(List.of(result.workload(), result.subject()));
    for (Figure figure : Figure.values()) {
      OptionalDouble value = result.figure(figure);
      line.add(shown(value, figure.decimals()));
      if (WITH_RATIO.contains(figure)) {
        line.add(result.equals(yardstick) ? "" : ratio(value, yardstick.figure(figure)));
      }
    }
    return line;
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
