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
 * Standbys of the source take over that lack some transactions, with slots of any age, while the
 * pipeline runs or none does: the destination is equal in the end, or the pipeline has said why
 * not.
 *
 * <p>{@code -Dsim.seed=… -Dpromotions.count=…} choose the histories.
 */
@ExtendWith(SilentEngine.class)
class PromotionSimulationProperties {
  private static final long FIRST_SEED = Seed.of("sim").value();
  private static final int COUNT = RandomRuns.count("promotions.count", 400);

  private static final Logger REPORT = LoggerFactory.getLogger("simulation");

  @Test
  void everyHistoryEndsEqualOrSaidSo() throws InterruptedException {
    List<String> violations = new ArrayList<>();
    int promotions = 0;
    int diverged = 0;
    int known = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      RuntimeSimulation.Outcome outcome = RuntimeSimulation.runWithPromotions(seed);
      if (COUNT == 1) {
        outcome.log().forEach(line -> REPORT.info(line));
      }
      promotions += outcome.promotions();
      diverged += outcome.diverged();
      known += outcome.known().isEmpty() ? 0 : 1;
      if (outcome.violation() != null && outcome.known().isEmpty()) {
        violations.add("-Dsim.seed=" + seed + " -Dpromotions.count=1: " + outcome.violation());
      }
    }
    REPORT.info(
        "{} promotions in {} histories, {} times diverged; {} histories with a known fault",
        promotions,
        COUNT,
        diverged,
        known);
    assertThat(violations).isEmpty();
  }

  @Test
  void someStreamsContinueAndSomeDiverge() throws InterruptedException {
    int promotions = 0;
    int diverged = 0;
    for (long seed = 1; seed <= 40; seed++) {
      RuntimeSimulation.Outcome outcome = RuntimeSimulation.runWithPromotions(seed);
      promotions += outcome.promotions();
      diverged += outcome.diverged();
    }
    assertThat(diverged).isBetween(5, promotions - 5);
  }
}
