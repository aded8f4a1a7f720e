package dev.pgetl.forecast;

import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;

/**
 * A slot of a server that does not exist, second by second: WAL is written at a rate, the slot is
 * held or advances in steps, and the server counts in segments of 16 MB as Postgres does.
 */
public final class GeneratedSlot {
  public static final long SEGMENT = 16L << 20;

  /** How often a slot that is read advances. */
  private static final int STEP_SECONDS = 15;

  private static final int SAMPLE_SECONDS = 10;
  private static final int LONGEST_SECONDS = 24 * 3600;

  private final List<SlotSample> samples = new ArrayList<>();
  private final long limit;
  private final double noise;
  private final RandomGenerator random;
  private double end = 1L << 30;
  private double restart = end;
  private int second;

  /**
   * Creates a slot that holds nothing.
   *
   * @param limit {@code max_slot_wal_keep_size}
   * @param noise how much the rate varies from second to second, at most 1
   */
  public GeneratedSlot(long limit, double noise, RandomGenerator random) {
    this.limit = limit;
    this.noise = noise;
    this.random = random;
  }

  /**
   * Lets time pass until the slot is lost, at most a day.
   *
   * @param seconds how long
   * @param rate bytes of WAL per second, by the second since the beginning
   * @param read which part of the WAL written since the last step a step releases
   * @return whether it is lost
   */
  public boolean run(int seconds, DoubleUnaryOperator rate, double read) {
    int until = (int) Math.min(LONGEST_SECONDS, (long) second + seconds);
    while (second < until && safe() > 0) {
      double written = rate.applyAsDouble(second) * (1 + noise * (2 * random.nextDouble() - 1));
      end += written;
      second++;
      if (read > 0 && second % STEP_SECONDS == 0) {
        restart += read * rate.applyAsDouble(second) * STEP_SECONDS;
        restart = Math.min(restart, end);
      }
      if (second % SAMPLE_SECONDS == 0) {
        samples.add(sample());
      }
    }
    return safe() <= 0;
  }

  private SlotSample sample() {
    double late = random.nextDouble(); // so that the times are not even
    return new SlotSample(
        Instant.ofEpochMilli(second * 1000L + (long) (late * 10)),
        new Lsn((long) restart),
        new Lsn((long) end),
        OptionalLong.of(Math.max(0, safe())));
  }

  /** As {@code pg_get_replication_slots} computes it. */
  public long safe() {
    long segments = (long) restart / SEGMENT + limit / SEGMENT + 1;
    return segments * SEGMENT - (long) end;
  }

  /** {@return how many seconds have passed} */
  public int second() {
    return second;
  }

  /** {@return the samples so far, at most of the last hour} */
  public List<SlotSample> samples() {
    return until(samples.size());
  }

  /** {@return how many samples there are} */
  public int count() {
    return samples.size();
  }

  /** {@return the first samples, at most of an hour} */
  public List<SlotSample> until(int count) {
    return samples.subList(Math.max(0, count - 360), count);
  }
}
