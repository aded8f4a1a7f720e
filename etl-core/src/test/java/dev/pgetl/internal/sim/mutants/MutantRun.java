package dev.pgetl.internal.sim.mutants;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** A run of the simulation on a mutant, in a process of its own. */
final class MutantRun {
  /** Far longer than a run takes on a busy machine. */
  private static final long PATIENCE_MINUTES = 30;

  /**
   * How a run ended.
   *
   * @param caught whether a history was violated
   * @param seed that history
   * @param seconds processor time up to then
   * @param by what the simulation objected to, or how the run failed
   */
  record Outcome(boolean caught, long seed, double seconds, String by) {}

  private MutantRun() {}

  /**
   * Runs histories on a mutant.
   *
   * @param folder an empty folder for its files
   * @param seconds of processor time
   */
  static Outcome run(Mutant mutant, Path folder, long seconds)
      throws IOException, InterruptedException {
    Path classes = mutant.compile(folder);
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider",
                "-cp",
                classes + File.pathSeparator + System.getProperty("java.class.path"),
                MutantHistories.class.getName(),
                Long.toString(seconds),
                histories(mutant.name()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
      return ended ? outcome(output) : new Outcome(false, 0, 0, "a history does not end");
    } finally {
      process.destroyForcibly();
    }
  }

  private static String histories(String mutant) {
    if (mutant.contains("pause")) {
      return "violationWithOrders";
    }
    return mutant.contains("promotion") ? "violationWithPromotions" : "violation";
  }

  private static Outcome outcome(Path output) throws IOException {
    Deque<String> lines = new ArrayDeque<>(Files.readAllLines(output));
    String[] last = lines.isEmpty() ? new String[0] : lines.getLast().split("\t", 4);
    if (last.length < 4) {
      return new Outcome(false, 0, 0, "the process failed: " + lines.peekFirst());
    }
    boolean caught = last[0].equals("caught");
    return new Outcome(caught, Long.parseLong(last[1]), Double.parseDouble(last[2]), last[3]);
  }
}
