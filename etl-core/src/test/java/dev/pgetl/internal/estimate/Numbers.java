package dev.pgetl.internal.estimate;

import java.util.SplittableRandom;

/** Random numbers as copies have them. Stateless. */
final class Numbers {
  private Numbers() {}

  /** {@return a number between two others, all sizes equally likely} */
  static double between(double least, double most, SplittableRandom random) {
    return least * Math.exp(random.nextDouble() * Math.log(most / least));
  }

  /** {@return a number of the normal distribution} */
  static double gaussian(SplittableRandom random) {
    double length = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return length * Math.cos(2 * Math.PI * random.nextDouble());
  }

  /** {@return a factor that is near 1 if the spread is small} */
  static double factor(double spread, SplittableRandom random) {
    return Math.exp(gaussian(random) * spread);
  }
}
