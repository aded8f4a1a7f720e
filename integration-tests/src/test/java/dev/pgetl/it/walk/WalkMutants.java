package dev.pgetl.it.walk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.sim.mutants.Mutant;
import dev.pgetl.random.Seed;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether operator walks find faults that were fixed: each patch puts one back. A mutant is found
 * by a walk that fails with it, and not in the same way without it. Prints a row for each: name,
 * mistake, how the walk failed, its seed, walks, seconds. {@code -Dmutants.only} is a regular
 * expression for the names; {@code -Dmutants.walks} and {@code -Dmutants.seconds} limit each.
 */
class WalkMutants {
  private static final int LEAST_FOUND = 10;
  private static final int LONGEST = 110;
  private static final long PATIENCE_SECONDS = 600;
  private static final long SEED = Seed.of("walk").value();
  private static final long WALKS = Long.getLong("mutants.walks", 100);
  private static final long SECONDS = Long.getLong("mutants.seconds", 900);
  private static final String ONLY = System.getProperty("mutants.only", ".*");

  @TempDir private Path folder;

  /**
   * How the walks of one process ended.
   *
   * @param found whether the last one failed
   * @param by how it failed
   */
  private record Outcome(boolean found, long walks, long seconds, String by) {}

  /** {@return the mutants} */
  static List<Mutant> all() throws IOException {
    return Mutant.all(Path.of("src/test/mutants"), Path.of("../etl-core/src/main/java"));
  }

  @Test
  void theWalksFindNearlyAll() throws Exception {
    List<String> missed = new ArrayList<>();
    int tried = 0;
    for (Mutant mutant : all()) {
      if (mutant.name().matches(ONLY)) {
        tried++;
        Outcome outcome = search(mutant, folder.resolve(mutant.name()));
        report(mutant, outcome);
        if (!outcome.found()) {
          missed.add(mutant.name());
        }
      }
    }
    System.out.println((tried - missed.size()) + " of " + tried + " found");
    assertThat(tried - missed.size())
        .as("found, all but " + missed)
        .isGreaterThanOrEqualTo(Math.min(LEAST_FOUND, tried));
  }

  /** A walk that fails in the same way without the mutant does not count. */
  private static Outcome search(Mutant mutant, Path folder) throws Exception {
    Path classes = mutant.compile(folder);
    String unmutated = System.getProperty("java.class.path");
    String mutated = classes + File.pathSeparator + unmutated;
    long walks = 0;
    long seconds = 0;
    while (walks < WALKS && seconds < SECONDS) {
      Outcome next =
          run(mutated, folder.resolve("output"), SEED + walks, WALKS - walks, SECONDS - seconds);
      walks += next.walks();
      seconds += next.seconds();
      if (!next.found()
          || !isSame(
              next, run(unmutated, folder.resolve("unmutated"), SEED + walks - 1, 1, SECONDS))) {
        return new Outcome(next.found(), walks, seconds, next.by());
      }
    }
    return new Outcome(false, walks, seconds, "");
  }

  private static boolean isSame(Outcome one, Outcome other) {
    return other.found() && one.by().split(":", 2)[0].equals(other.by().split(":", 2)[0]);
  }

  private static Outcome run(String classPath, Path output, long seed, long walks, long seconds)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dpg.version=" + System.getProperty("pg.version", "17"),
                "-cp",
                classPath,
                MutantWalks.class.getName(),
                Long.toString(seed),
                Long.toString(walks),
                Long.toString(seconds))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(seconds + PATIENCE_SECONDS, TimeUnit.SECONDS);
      return ended ? outcome(output) : new Outcome(true, 1, seconds, "a walk does not end");
    } finally {
      process.destroy();
    }
  }

  private static Outcome outcome(Path output) throws IOException {
    Deque<String> lines = new ArrayDeque<>(Files.readAllLines(output));
    String[] last = lines.isEmpty() ? new String[0] : lines.getLast().split("\t", 4);
    if (last.length < 4) {
      throw new IllegalStateException("the process failed: " + lines);
    }
    return new Outcome(
        last[0].equals("found"), Long.parseLong(last[1]), Long.parseLong(last[2]), last[3]);
  }

  private static void report(Mutant mutant, Outcome outcome) {
    System.out.printf(
        "| %s | %s | %s | %d | %d | %d |%n",
        mutant.name(),
        mutant.patch().description(),
        outcome.found() ? shortened(outcome.by()) : "MISSED",
        SEED + outcome.walks() - 1,
        outcome.walks(),
        outcome.seconds());
  }

  private static String shortened(String message) {
    return message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
  }
}
