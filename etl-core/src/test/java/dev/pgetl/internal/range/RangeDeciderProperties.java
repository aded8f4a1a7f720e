package dev.pgetl.internal.range;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.range.CopyRun.Fault;
import dev.pgetl.internal.range.CopyRun.Kind;
import dev.pgetl.internal.range.CopyRun.Outcome;
import dev.pgetl.internal.range.CopyRun.Result;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whenever the process dies, a copy by ranges ends with the rows of the source, or it starts over.
 *
 * <p>{@code -Dranges.seed=… -Dranges.count=…} choose the histories. Each has as many of a table and
 * of a range that is copied again.
 */
class RangeDeciderProperties {
  private static final long FIRST_SEED = Seed.of("ranges").value();
  private static final int COUNT = RandomRuns.count("ranges.count", 5_000);

  /** Enough for each fault to show. */
  private static final int FAULTY = 500;

  private static final Logger REPORT = LoggerFactory.getLogger("simulation");

  @ParameterizedTest
  @EnumSource
  void everyHistoryEndsEqualOrStartsOver(Kind kind) {
    long begin = System.nanoTime();
    Counts counts = new Counts();
    for (long seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      CopyRun run = new CopyRun(seed, kind, Fault.NONE);
      Outcome outcome = run.run();
      assertThat(outcome.result())
          .as("-Dranges.seed=%d -Dranges.count=1: %s%n%s", seed, outcome.reason(), run)
          .isNotEqualTo(Result.WRONG);
      counts.add(outcome);
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
    REPORT.info("{}: {} histories from seed {} in {} s", kind, COUNT, FIRST_SEED, seconds);
    counts.report();
    assertThat(counts.of(Result.EQUAL)).as("most copies continue").isGreaterThan(COUNT / 2);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void aFaultOfTheProcedureIsFound(Fault fault) {
    Kind kind = fault == Fault.SNAPSHOT_BEFORE_THE_APPLY_WORKER ? Kind.RANGE_AGAIN : Kind.TABLE;
    Counts counts = new Counts();
    for (long seed = 1; seed <= FAULTY; seed++) {
      counts.add(new CopyRun(seed, kind, fault).run());
    }
    REPORT.info("{}, {} histories", fault, FAULTY);
    counts.report();
    assertThat(counts.of(Result.WRONG)).isPositive();
  }

  @Test
  void aSeedGivesTheSameHistory() {
    CopyRun first = new CopyRun(FIRST_SEED, Kind.TABLE, Fault.NONE);
    CopyRun second = new CopyRun(FIRST_SEED, Kind.TABLE, Fault.NONE);

    assertThat(first.run()).isEqualTo(second.run());
    assertThat(first).hasToString(second.toString());
  }

  /** How many histories ended how. */
  private static final class Counts {
    private final Map<Result, Integer> results = new TreeMap<>();
    private final Map<Outcome, Integer> outcomes = new LinkedHashMap<>();

    void add(Outcome outcome) {
      results.merge(outcome.result(), 1, Integer::sum);
      outcomes.merge(outcome, 1, Integer::sum);
    }

    int of(Result result) {
      return results.getOrDefault(result, 0);
    }

    void report() {
      REPORT.info("{}", results);
      outcomes.forEach(
          (outcome, count) -> REPORT.info("{} {} {}", count, outcome.result(), outcome.reason()));
    }
  }
}
