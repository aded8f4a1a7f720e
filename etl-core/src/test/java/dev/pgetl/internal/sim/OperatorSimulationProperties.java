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
 * An operator pauses and resumes tables and the pipeline, retries and resyncs, beside all other
 * faults: the destination is equal in the end, or the pipeline says that it is not. What is paused
 * is not called for.
 *
 * <p>{@code -Dsim.seed=… -Dorders.count=…} choose the histories.
 */
@ExtendWith(SilentEngine.class)
class OperatorSimulationProperties {
  private static final long FIRST_SEED = Seed.of("sim").value();
  private static final int COUNT = RandomRuns.count("orders.count", 400);

  private static final Logger REPORT = LoggerFactory.getLogger("simulation");

  @Test
  void everyHistoryEndsEqualOrSaidSo() throws InterruptedException {
    List<String> violations = new ArrayList<>();
    int pauses = 0;
    int known = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      RuntimeSimulation.Outcome outcome = RuntimeSimulation.runWithOrders(seed);
      if (COUNT == 1) {
        outcome.log().forEach(line -> REPORT.info(line));
      }
      pauses += (int) outcome.log().stream().filter(line -> line.contains(" Paused[")).count();
      known += outcome.known().isEmpty() ? 0 : 1;
      if (outcome.violation() != null && outcome.known().isEmpty()) {
        violations.add("-Dsim.seed=" + seed + " -Dorders.count=1: " + outcome.violation());
      }
    }
    REPORT.info("{} pauses in {} histories; {} with a known fault", pauses, COUNT, known);
    assertThat(violations).isEmpty();
  }
}
