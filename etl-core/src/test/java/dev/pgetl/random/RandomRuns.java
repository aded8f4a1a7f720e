package dev.pgetl.random;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Runs a random test many times, each time with another seed. The failure names the seed and
 * repeats that one run with {@code -Dpgetl.seed=… -Dpgetl.runs=1}. {@code -Dpgetl.times=30} makes
 * thirty times as many runs of all random tests.
 */
public final class RandomRuns {
  private RandomRuns() {}

  /** What has to hold, whatever the generator gives. */
  public interface Property {
    void check(RandomGenerator random) throws Exception;
  }

  /**
   * Checks a property.
   *
   * @param usual how often in a build
   */
  public static void repeat(int usual, Property property) throws Exception {
    long first = Seed.ofAll().value();
    int runs = count("pgetl.runs", usual);
    for (long seed = first; seed < first + runs; seed++) {
      try {
        property.check(new SplittableRandom(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "with -Dpgetl.seed=%d -Dpgetl.runs=1: %s".formatted(seed, e.getMessage()), e);
      }
    }
  }

  /**
   * {@return how many runs, values or steps a random test has}
   *
   * @param property a system property that chooses
   * @param usual how many in a build
   */
  public static int count(String property, int usual) {
    int times = Integer.getInteger("pgetl.times", 1);
    return Integer.getInteger(property, Math.multiplyExact(usual, times));
  }
}
