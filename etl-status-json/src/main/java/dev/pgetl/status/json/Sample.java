package dev.pgetl.status.json;

import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.StreamStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link StatusHistory} keeps of a pipeline at one moment; null is not known.
 *
 * @param at when
 * @param lagBytes WAL that is not durable in the destination
 * @param delaySeconds how long after its commit the last transaction was delivered
 * @param eventsPerSecond events delivered since the sample before
 * @param bytesPerSecond bytes read since the sample before
 * @param rowsPerSecond rows copied since the sample before
 */
record Sample(
    Instant at,
    @Nullable Long lagBytes,
    @Nullable Double delaySeconds,
    @Nullable Double eventsPerSecond,
    @Nullable Double bytesPerSecond,
    @Nullable Double rowsPerSecond) {
  private static final double NANOS = 1e9;

  /**
   * What the next rates are counted from.
   *
   * @param at when
   * @param events events delivered until then
   * @param bytes bytes read
   * @param copies tables that were copied
   * @param rows rows that were copied
   */
  record Totals(Instant at, long events, long bytes, int copies, long rows) {
    static Totals of(Instant at, PipelineStatus status) {
      return new Totals(
          at,
          status.stream().events(),
          status.stream().bytes(),
          status.copies().tables(),
          status.copies().copiedRows());
    }

    /** Of a pipeline that was started again, what it has counted from 0. */
    private static double grown(long before, long now) {
      return now >= before ? now - before : now;
    }

    /** A copy that continues after a restart begins with the rows it has: they are no rate. */
    private @Nullable Double rowsSince(Totals before, double seconds) {
      boolean begins = before.copies == 0 && copies > 0;
      return begins ? null : Double.valueOf(grown(before.rows, rows) / seconds);
    }
  }

  /** What a status says, with rates since earlier totals, if there are some. */
  static Sample of(Instant at, PipelineStatus status, @Nullable Totals before) {
    StreamStatus stream = status.stream();
    Long lag = stream.lagBytes().isPresent() ? stream.lagBytes().getAsLong() : null;
    Double delay = isKnown(stream) ? stream.delay().toNanos() / NANOS : null;
    double seconds = before == null ? 0 : Duration.between(before.at, at).toNanos() / NANOS;
    if (before == null || seconds <= 0) {
      return new Sample(at, lag, delay, null, null, null);
    }
    Totals now = Totals.of(at, status);
    return new Sample(
        at,
        lag,
        delay,
        Totals.grown(before.events, now.events) / seconds,
        Totals.grown(before.bytes, now.bytes) / seconds,
        now.rowsSince(before, seconds));
  }

  private static boolean isKnown(StreamStatus stream) {
    return !stream.lastCommitTime().equals(Instant.EPOCH) || stream.oldestUndelivered().isPresent();
  }
}
