package dev.pgetl.internal.verify;

import java.time.Duration;

/**
 * The bounds of a comparison.
 *
 * @param rounds how often keys that differ are read again
 * @param patience how long to wait for the stream, for a copy to end, and for transactions to end
 * @param listedRows so many rows are listed by key at once
 * @param mostRows so many different keys end the comparison
 */
public record Limits(int rounds, Duration patience, int listedRows, int mostRows) {
  /**
   * {@return how long to wait in a round for transactions to end: early rounds are not worth it}
   */
  Duration patience(int round) {
    Duration some = Duration.ofMillis(100L << Math.min(round, 20));
    return some.compareTo(patience) < 0 ? some : patience;
  }
}
