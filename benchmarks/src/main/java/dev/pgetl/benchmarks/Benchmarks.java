package dev.pgetl.benchmarks;

import dev.pgetl.benchmarks.measure.Comparison;
import dev.pgetl.benchmarks.measure.ComparisonTable;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.ResultJson;
import dev.pgetl.benchmarks.measure.ResultTable;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.subject.OlderBuild;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.benchmarks.workload.Lab;
import dev.pgetl.benchmarks.workload.Workload;
import dev.pgetl.benchmarks.workload.Workloads;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The program behind {@code benchmarks/run}. */
public final class Benchmarks {
  private static final Path CLIENT_SOURCES =
      Path.of("benchmarks/src/main/java/dev/pgetl/benchmarks/client");
  private static final Path CLIENT_BEFORE = Path.of("benchmarks/target/client-before");

  private final Options options;
  private final PrintStream out;

  private Benchmarks(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /**
   * Measures, or says how to be called.
   *
   * @param arguments see {@link Options#USAGE}
   * @throws IOException if the results cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    if (List.of(arguments).contains("--help")) {
      System.out.print(Options.USAGE);
      return;
    }
    try {
      new Benchmarks(Options.parse(List.of(arguments)), System.out).run();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(Options.USAGE);
      System.exit(2);
    }
    System.exit(0);
  }

  private void run() throws IOException {
    List<Workload> workloads = workloads();
    if (options.list()) {
      workloads.stream()
          .flatMap(workload -> workload.variantNames().stream())
          .forEach(out::println);
      return;
    }
    Machine.describe().forEach(out::println);
    Set<Subject> subjects = presentSubjects();
    options.before().ifPresent(folder -> out.println("pgetl_before is the build in " + folder));
    List<Result> results = new ArrayList<>();
    List<Comparison> comparisons = new ArrayList<>();
    try (Lab lab = openLab(subjects)) {
      out.println(lab.description());
      for (Workload workload : workloads) {
        out.println(workload.name());
        List<Series> series = workload.measure(lab);
        series.forEach(one -> results.add(one.median()));
        comparisons.addAll(compare(series));
        save(results, comparisons);
      }
    }
    out.println();
    out.print(ResultTable.of(results, Subject::isYardstick));
    if (!comparisons.isEmpty()) {
      out.println();
      out.print(ComparisonTable.of(comparisons));
    }
    out.println(Machine.load());
  }

  private Lab openLab(Set<Subject> subjects) {
    return Lab.open(
        subjects, options::isWanted, options.runs(), options.fsync(), classPathBefore(), out);
  }

  private List<Workload> workloads() {
    List<Workload> all =
        options.quick()
            ? Workloads.quick(options.scale(), options.seconds())
            : Workloads.all(options.scale(), options.seconds());
    List<Workload> chosen = all.stream().filter(this::isChosen).filter(this::isComparable).toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no %s %s"
              .formatted(
                  options.before().isPresent() ? "workload with pairs" : "workload",
                  options.workloads()));
    }
    return chosen;
  }

  private boolean isChosen(Workload workload) {
    return workload.variantNames().stream().anyMatch(options::isWanted);
  }

  private boolean isComparable(Workload workload) {
    return options.before().isEmpty() || Subject.PGETL_BEFORE.does(workload.mode());
  }

  private String classPathBefore() {
    return options
        .before()
        .map(folder -> OlderBuild.classPath(folder, System.getProperty("java.class.path")))
        .map(path -> OlderBuild.compileClient(CLIENT_SOURCES, CLIENT_BEFORE, path))
        .orElse("");
  }

  private List<Comparison> compare(List<Series> series) {
    return options.before().isEmpty()
        ? List.of()
        : Comparison.of(series, Subject.PGETL.title(), Subject.PGETL_BEFORE.title());
  }

  private Set<Subject> presentSubjects() {
    Set<Subject> present = EnumSet.noneOf(Subject.class);
    for (Subject subject : options.subjects()) {
      subject
          .missing()
          .ifPresentOrElse(
              out::println,
              () -> {
                present.add(subject);
                out.println(subject.title() + ": " + subject.version());
              });
    }
    return present;
  }

  private void save(List<Result> results, List<Comparison> comparisons) throws IOException {
    if (options.json().isPresent()) {
      Path file = options.json().get();
      Files.writeString(file, ResultJson.of(results, comparisons));
    }
  }
}
