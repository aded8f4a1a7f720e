package dev.pgetl.benchmarks;

import dev.pgetl.benchmarks.measure.Comparison;
import dev.pgetl.benchmarks.subject.Subject;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The arguments.
 *
 * @param quick whether a short run will do
 * @param list whether only the names of the workloads are wanted
 * @param runs how often each subject is measured in each workload
 * @param scale how large workloads are, 1 being full size
 * @param seconds how long latencies and idleness are watched
 * @param workloads beginnings of the names of those to run, or names with a dollar sign behind;
 *     empty for all
 * @param subjects who is measured
 * @param fsync whether the servers flush to the disk
 * @param before the checkout of an older build to compare with; empty for none
 * @param json where results go; empty for nowhere
 */
public record Options(
    boolean quick,
    boolean list,
    int runs,
    double scale,
    int seconds,
    List<String> workloads,
    Set<Subject> subjects,
    boolean fsync,
    Optional<Path> before,
    Optional<Path> json) {

  static final String USAGE =
      """
      usage: benchmarks/run [options]
        --quick              in less than 50 s: narrow stream, copy and latency, against pg_recvlogical and psql
        --workloads A,B      only workloads and variants whose names begin so, or are so with a $ behind;
                             --list shows all
        --subjects A,B       only these of pgetl, pg_recvlogical, psql_copy, subscription, pgjdbc_raw, debezium,
                             debezium_defaults
        --before FOLDER      compares streams and copies of pgetl with those of pgetl_before, the older build in
                             FOLDER, a checkout that has been packaged; no other subjects unless --subjects
                             says so
        --fsync              servers that flush to the disk; they do not otherwise
        --scale F            sizes times F, for example 0.1 (default 1)
        --rows N             the scale at which the narrow stream has N rows
        --seconds N          how long latencies and idleness are watched (default 20)
        --runs N             runs of which the median counts (default 3; 11 with --before)
        --json FILE          writes the results there, too
        --postgres N         the server's major version, 14 to 18 (default 17)
        --debezium           with Debezium, which is downloaded
        --list               names of the workloads and of their variants: -values decodes every value, -64m has
                             a heap of 64 MB, -2 two connections, -binary asks for values in binary format
        --jmh [PATTERN]      JMH benchmarks instead, those whose names match
        --http               the HTTP destination instead
        --stores             the stores instead
      """;

  /** Rows of the narrow stream at full size. */
  static final int FULL_ROWS = 2_000_000;

  private static final int FULL_SECONDS = 20;
  private static final int FULL_RUNS = 3;
  private static final double QUICK_SCALE = 0.25;
  private static final int QUICK_SECONDS = 4;

  /**
   * {@return the options}
   *
   * @throws IllegalArgumentException if an argument is not understood
   */
  static Options parse(List<String> arguments) {
    boolean quick = arguments.contains("--quick");
    Parser parser = new Parser(quick, arguments.contains("--before"));
    for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
      parser.take(rest.next(), rest);
    }
    return parser.options();
  }

  /** {@return whether a workload's variant is to run} */
  boolean isWanted(String name) {
    return workloads.isEmpty()
        || workloads.stream().anyMatch(wanted -> (name + "$").startsWith(wanted));
  }

  /** What has been read so far. */
  private static final class Parser {
    private final boolean quick;
    private boolean list;
    private int runs;
    private double scale;
    private int seconds;
    private List<String> workloads = List.of();
    private boolean fsync;
    private Set<Subject> subjects;
    private Optional<Path> before = Optional.empty();
    private Optional<Path> json = Optional.empty();

    Parser(boolean quick, boolean comparing) {
      this.quick = quick;
      this.runs = comparing ? Comparison.ENOUGH_PAIRS : quick ? 1 : FULL_RUNS;
      this.scale = quick ? QUICK_SCALE : 1;
      this.seconds = quick ? QUICK_SECONDS : FULL_SECONDS;
      this.subjects = defaultSubjects(quick, comparing);
    }

    private static Set<Subject> defaultSubjects(boolean quick, boolean comparing) {
      if (comparing) {
        return EnumSet.of(Subject.PGETL, Subject.PGETL_BEFORE);
      }
      return quick
          ? EnumSet.of(Subject.PGETL, Subject.PG_RECVLOGICAL, Subject.PSQL_COPY)
          : EnumSet.complementOf(EnumSet.of(Subject.PGETL_BEFORE));
    }

    void take(String option, Iterator<String> rest) {
      switch (option) {
        case "--quick" -> {}
        case "--list" -> list = true;
        case "--fsync" -> fsync = true;
        case "--runs" -> runs = Integer.parseInt(value(option, rest));
        case "--scale" -> scale = Double.parseDouble(value(option, rest));
        case "--rows" -> scale = Double.parseDouble(value(option, rest)) / FULL_ROWS;
        case "--seconds" -> seconds = Integer.parseInt(value(option, rest));
        case "--workloads" -> workloads = List.of(value(option, rest).split(","));
        case "--subjects" -> subjects = subjects(value(option, rest));
        case "--before" -> before = Optional.of(Path.of(value(option, rest)));
        case "--json" -> json = Optional.of(Path.of(value(option, rest)));
        default -> throw new IllegalArgumentException("not understood: " + option);
      }
    }

    private static String value(String option, Iterator<String> rest) {
      if (!rest.hasNext()) {
        throw new IllegalArgumentException("missing: the value of " + option);
      }
      return rest.next();
    }

    private static Set<Subject> subjects(String names) {
      Set<Subject> subjects = EnumSet.noneOf(Subject.class);
      for (String name : names.split(",")) {
        subjects.add(subject(name));
      }
      return subjects;
    }

    private static Subject subject(String name) {
      for (Subject subject : Subject.values()) {
        if (subject.title().equals(name)) {
          return subject;
        }
      }
      throw new IllegalArgumentException("there is no subject " + name);
    }

    Options options() {
      if (runs < 1 || seconds < 1 || !(scale > 0)) {
        throw new IllegalArgumentException("--runs, --seconds and the size must be positive");
      }
      requirePairs();
      return new Options(
          quick, list, runs, scale, seconds, workloads, subjects, fsync, before, json);
    }

    private void requirePairs() {
      boolean older = subjects.contains(Subject.PGETL_BEFORE);
      if (before.isPresent() && !(older && subjects.contains(Subject.PGETL))) {
        throw new IllegalArgumentException("--before needs the subjects pgetl and pgetl_before");
      }
      if (before.isEmpty() && older) {
        throw new IllegalArgumentException("the subject pgetl_before needs --before");
      }
    }
  }
}
