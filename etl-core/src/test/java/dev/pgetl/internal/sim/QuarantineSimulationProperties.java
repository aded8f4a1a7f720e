package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The destination refuses rows, and an operator replays them, beside all other faults: each change
 * fits the rows it meets, and once all is replayed the destination is equal. In one of four
 * histories the operator gives other orders, too.
 *
 * <p>{@code -Dsim.seed=… -Dquarantine.count=…} choose the histories.
 */
@ExtendWith(SilentEngine.class)
class QuarantineSimulationProperties {
  private static final long FIRST_SEED = Seed.of("sim").value();
  private static final int COUNT = RandomRuns.count("quarantine.count", 300);

  private static final Logger REPORT = LoggerFactory.getLogger("simulation");

  @Test
  void everyHistoryEndsEqualOrSaidSo() throws InterruptedException {
    List<String> violations = new ArrayList<>();
    long refused = 0;
    long replays = 0;
    int known = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      RuntimeSimulation.Outcome outcome = RuntimeSimulation.runWithRefusals(seed);
      if (COUNT == 1) {
        outcome.log().forEach(line -> REPORT.info(line));
      }
      refused += outcome.log().stream().filter(line -> line.contains(" quarantined ")).count();
      replays += outcome.log().stream().filter(line -> line.contains(" released ")).count();
      known += outcome.known().isEmpty() ? 0 : 1;
      if (outcome.violation() != null && outcome.known().isEmpty()) {
        violations.add("-Dsim.seed=" + seed + " -Dquarantine.count=1: " + outcome.violation());
      }
    }
    REPORT.info(
        "{} writes to the quarantine and {} replays in {} histories; {} with a known fault",
        refused,
        replays,
        COUNT,
        known);
    assertThat(violations).isEmpty();
    assertThat(refused).isPositive();
    assertThat(replays).isPositive();
  }
}
