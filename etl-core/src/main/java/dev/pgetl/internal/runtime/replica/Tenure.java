package dev.pgetl.internal.runtime.replica;

import dev.pgetl.destination.Epoch;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.Mandate;
import dev.pgetl.internal.platform.Ticker;
import java.time.Duration;

/**
 * One time for which this process owns the pipeline, by a lease that is renewed. Nothing begins
 * unless the lease lasts for another margin, by a clock that no one sets. Thread-safe: {@link
 * #require} reads two fields, and waits for nothing.
 */
final class Tenure implements Mandate, Epoch {
  /** Which part of the lease is the margin. */
  private static final int MARGIN = 5;

  private final String pipeline;
  private final long number;
  private final boolean overtakes;
  private final Ticker ticker;
  private final long length;
  private volatile long heldUntil;
  private volatile boolean over;

  /**
   * Begins.
   *
   * @param epoch of the lease
   * @param overtakes whether the last owner did not renew its lease
   * @param length how long the lease lasts
   * @param askedAt when it was asked for
   */
  Tenure(
      String pipeline,
      long epoch,
      boolean overtakes,
      Duration length,
      long askedAt,
      Ticker ticker) {
    this.pipeline = pipeline;
    this.number = epoch;
    this.overtakes = overtakes;
    this.length = length.toNanos();
    this.ticker = ticker;
    this.heldUntil = askedAt + this.length;
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public boolean overtakes() {
    return overtakes;
  }

  /**
   * The lease was renewed.
   *
   * @param askedAt when that was asked for: the store's answer may have taken long
   */
  void renewed(long askedAt) {
    heldUntil = askedAt + length;
  }

  /** The session that holds the lease is lost: nothing begins until the lease is renewed. */
  void suspend() {
    heldUntil = ticker.nanos();
  }

  /** {@return whether nothing may begin now} */
  boolean isSuspended() {
    return ticker.nanos() - heldUntil > -length / MARGIN;
  }

  /** Another process has the lease, or may have it from now on. */
  void end() {
    over = true;
  }

  /** {@return whether it has ended} */
  boolean isOver() {
    return over;
  }

  @Override
  public void require() {
    if (over) {
      throw new EtlException(
          ErrorKind.STORE_LOCKED, "pipeline " + pipeline + " is another process's by now");
    }
    if (isSuspended()) {
      throw new EtlException(
          ErrorKind.STORE_UNAVAILABLE,
          "nothing begins until the lease of pipeline " + pipeline + " is renewed");
    }
  }
}
