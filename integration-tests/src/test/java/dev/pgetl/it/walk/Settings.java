package dev.pgetl.it.walk;

import java.util.SplittableRandom;

/**
 * What a walk has from its beginning to its end.
 *
 * @param store where the pipeline keeps its state
 * @param binary whether values are asked for in binary format
 * @param viaRoot whether partitioned tables are published through their root
 * @param accepts whether the destination accepts, and makes durable later
 */
record Settings(Store store, boolean binary, boolean viaRoot, boolean accepts) {
  /** A kind of store. */
  enum Store {
    FILE,
    POSTGRES
  }

  /** Neighbouring seeds have different stores and formats. */
  static Settings of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new Settings(
        (seed & 1) == 0 ? Store.FILE : Store.POSTGRES,
        (seed & 2) != 0,
        random.nextBoolean(),
        random.nextInt(4) == 0);
  }
}
