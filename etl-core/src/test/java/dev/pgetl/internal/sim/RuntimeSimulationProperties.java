package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whatever fails, each published table is in the destination as in the source in the end, or the
 * pipeline says that it is not.
 *
 * <p>{@code -Dsim.seed=… -Dsim.count=…} choose the histories; with a count of 1 the history is
 * printed. Violations in histories that have met the condition of a known fault are counted.
 */
@ExtendWith(SilentEngine.class)
class RuntimeSimulationProperties {
  private static final long FIRST_SEED = Seed.of("sim").value();
  private static final int COUNT = RandomRuns.count("sim.count", 5_000);
  private static final int THREADS =
      Integer.getInteger("sim.threads", Math.min(2, Runtime.getRuntime().availableProcessors()));

  private static final Logger REPORT = LoggerFactory.getLogger("simulation");

  /** So many histories, from the first one on, have a copy that is continued. */
  private static final int CONTINUED_OF_THE_FIRST_200 = 15;

  /** So many have a copy that replaces rows and is continued. */
  private static final int REPLACING_OF_THE_FIRST_200 = 5;

  /** Violations, and histories with a known fault, by the seeds that have them. */
  private final List<String> violations = Collections.synchronizedList(new ArrayList<>());

  private final SortedMap<KnownFault, List<Long>> met = new TreeMap<>();
  private final SortedMap<KnownFault, List<Long>> violated = new TreeMap<>();
  private final AtomicInteger continued = new AtomicInteger();
  private final AtomicInteger replacing = new AtomicInteger();
  private final AtomicInteger replacingContinued = new AtomicInteger();

  @Test
  void everyHistoryEndsEqualOrSaidSo() throws Exception {
    long begin = System.nanoTime();
    try (CopyReports reports = new CopyReports()) {
      runAll();
      reports.summary().forEach(line -> REPORT.info(line));
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
    REPORT.info("{} histories from seed {} in {} s", COUNT, FIRST_SEED, seconds);
    REPORT.info("{} of them have continued a copy that was interrupted", continued);
    REPORT.info(
        "{} of them have replaced rows, {} after an interruption", replacing, replacingContinued);
    met.forEach((fault, seeds) -> REPORT.info("{} {}", fault, described(fault, seeds)));
    assertThat(violations).isEmpty();
  }

  private void runAll() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> shares = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int share = i;
        shares.add(threads.submit(() -> runShare(share)));
      }
      for (Future<?> share : shares) {
        share.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private String described(KnownFault fault, List<Long> seeds) {
    List<Long> wrong = violated.getOrDefault(fault, List.of());
    return "met %d times, first with seed %d; wrong %d times%s"
        .formatted(
            seeds.size(),
            Collections.min(seeds),
            wrong.size(),
            wrong.isEmpty() ? "" : ", first with seed " + Collections.min(wrong));
  }

  private Void runShare(int share) throws InterruptedException {
    for (int i = share; i < COUNT; i += THREADS) {
      record(FIRST_SEED + i);
    }
    return null;
  }

  private void record(long seed) throws InterruptedException {
    RuntimeSimulation.Outcome outcome = RuntimeSimulation.run(seed);
    if (COUNT == 1) {
      outcome.log().forEach(line -> REPORT.info(line));
    }
    count(outcome.copiesContinued(), continued);
    count(outcome.replaced(), replacing);
    count(outcome.replacementsContinued(), replacingContinued);
    String violation = outcome.violation();
    synchronized (met) {
      for (KnownFault fault : outcome.known()) {
        met.computeIfAbsent(fault, key -> new ArrayList<>()).add(seed);
        if (violation != null) {
          violated.computeIfAbsent(fault, key -> new ArrayList<>()).add(seed);
        }
      }
    }
    if (violation != null && outcome.known().isEmpty()) {
      violations.add("-Dsim.seed=" + seed + " -Dsim.count=1: " + violation);
    }
  }

  private static void count(int times, AtomicInteger histories) {
    if (times > 0) {
      int unused = histories.incrementAndGet();
    }
  }

  @Test
  void copiesThatWereInterruptedContinue() throws Exception {
    AtomicInteger copies = new AtomicInteger();
    AtomicInteger replacements = new AtomicInteger();
    for (long seed = 1; seed <= 200; seed++) {
      RuntimeSimulation.Outcome outcome = RuntimeSimulation.run(seed);
      count(outcome.copiesContinued(), copies);
      count(outcome.replacementsContinued(), replacements);
    }

    assertThat(copies).hasValueGreaterThanOrEqualTo(CONTINUED_OF_THE_FIRST_200);
    assertThat(replacements).hasValueGreaterThanOrEqualTo(REPLACING_OF_THE_FIRST_200);
  }

  @Test
  void sameSeedGivesTheSameRun() throws Exception {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + 10; seed++) {
      RuntimeSimulation.Outcome first = RuntimeSimulation.run(seed);
      RuntimeSimulation.Outcome again = RuntimeSimulation.run(seed);

      assertThat(again.log()).as("seed %d", seed).isEqualTo(first.log());
      assertThat(again.end()).as("seed %d", seed).isEqualTo(first.end());
    }
  }
}
