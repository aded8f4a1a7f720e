package dev.pgetl;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Runs a random test many times, with other seeds in every build. The failure names the seed;
 * {@code -Dpgetl.seed=…} repeats that one run.
 */
public final class RandomRuns {
  private static final String SEED = "pgetl.seed";

  private RandomRuns() {}

  /** What has to hold, whatever the generator gives. */
  public interface Property {
    void check(RandomGenerator random) throws Exception;
  }

  public static void repeat(int runs, Property property) throws Exception {
    Long only = Long.getLong(SEED);
    if (only != null) {
      property.check(new SplittableRandom(only));
      return;
    }
    SplittableRandom seeds = new SplittableRandom();
    for (int run = 0; run < runs; run++) {
      long seed = seeds.nextLong();
      try {
        property.check(new SplittableRandom(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with -D" + SEED + "=" + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
