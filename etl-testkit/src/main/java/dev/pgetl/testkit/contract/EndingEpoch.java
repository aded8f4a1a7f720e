package dev.pgetl.testkit.contract;

import dev.pgetl.destination.Epoch;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An epoch that allows so many attempts, and is then another process's. Thread-safe. */
final class EndingEpoch implements Epoch {
  private final EtlException refusal =
      new EtlException(ErrorKind.STORE_LOCKED, "another process owns the pipeline by now");
  private final AtomicLong allowed = new AtomicLong(Long.MAX_VALUE);
  private final AtomicInteger refused = new AtomicInteger();

  @Override
  public long number() {
    return 1;
  }

  @Override
  public void require() {
    if (allowed.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
      refused.incrementAndGet();
      throw refusal;
    }
  }

  /** Sets how often it is asked without refusing. */
  void allow(long attempts) {
    allowed.set(attempts);
  }

  /** {@return whether it has refused anything} */
  boolean hasRefused() {
    return refused.get() > 0;
  }

  /** {@return what it throws} */
  EtlException refusal() {
    return refusal;
  }
}
