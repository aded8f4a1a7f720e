package dev.pgetl.internal.sim.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether the simulation sees the mistakes of the mutants. Prints a row for each: name, mistake,
 * what it was caught by, the history, seconds of processor time. {@code -Dmutants.only} is a
 * regular expression for the names, {@code -Dmutants.seconds} how much processor time each may
 * take.
 */
class RuntimeMutants {
  private static final int AT_ONCE = 2;
  private static final int LEAST_CAUGHT = 28;
  private static final int LONGEST = 110;
  private static final long SECONDS = Long.getLong("mutants.seconds", 60);
  private static final String ONLY = System.getProperty("mutants.only", ".*");

  @TempDir private Path folder;

  @Test
  void theSimulationSeesNearlyAll() throws Exception {
    Map<Mutant, Future<MutantRun.Outcome>> runs = new LinkedHashMap<>();
    ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
    try {
      for (Mutant mutant : MutantPatchesTest.all()) {
        if (mutant.name().matches(ONLY)) {
          Path own = folder.resolve(mutant.name());
          runs.put(mutant, pool.submit(() -> MutantRun.run(mutant, own, SECONDS)));
        }
      }
      List<String> missed = report(runs);
      System.out.println((runs.size() - missed.size()) + " of " + runs.size() + " caught");
      assertThat(runs.size() - missed.size())
          .as("caught, all but " + missed)
          .isGreaterThanOrEqualTo(Math.min(LEAST_CAUGHT, runs.size()));
    } finally {
      pool.shutdownNow();
    }
  }

  private static List<String> report(Map<Mutant, Future<MutantRun.Outcome>> runs) throws Exception {
    List<String> missed = new ArrayList<>();
    for (Map.Entry<Mutant, Future<MutantRun.Outcome>> run : runs.entrySet()) {
      Mutant mutant = run.getKey();
      MutantRun.Outcome outcome = run.getValue().get();
      if (!outcome.caught()) {
        missed.add(mutant.name());
      }
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %s | %d | %.1f |%n",
          mutant.name(),
          mutant.patch().description(),
          outcome.caught() ? shortened(outcome.by()) : "MISSED " + outcome.by(),
          outcome.seed(),
          outcome.seconds());
    }
    return missed;
  }

  private static String shortened(String message) {
    return message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
  }
}
