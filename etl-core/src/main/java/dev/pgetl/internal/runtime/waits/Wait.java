package dev.pgetl.internal.runtime.waits;

import dev.pgetl.internal.platform.Ticker;
import java.util.concurrent.atomic.AtomicLong;

/** Waiting for one thing, once or several times. Thread-safe; one thread begins and ends it. */
public final class Wait implements Waits.Known, AutoCloseable {
  private static final long NOT = Long.MIN_VALUE;

  private final Waits waits;
  private final String what;
  private final Ticker ticker;
  private final AtomicLong since = new AtomicLong(NOT);

  Wait(Waits waits, String what, Ticker ticker) {
    this.waits = waits;
    this.what = what;
    this.ticker = ticker;
  }

  @Override
  public String what() {
    return what;
  }

  /** The thread is about to wait. */
  public void begin() {
    since.set(ticker.nanos());
  }

  /** It waits no more. */
  public void end() {
    since.set(NOT);
  }

  /** If it waits, there was a reason for it until now. */
  public void excuse() {
    long begun = since.get();
    if (begun != NOT) {
      boolean unused = since.compareAndSet(begun, ticker.nanos());
    }
  }

  /** {@return for how long it has waited; {@link Waits#NONE} if it does not} */
  @Override
  public long nanos() {
    long begun = since.get();
    return begun == NOT ? Waits.NONE : Math.max(0, ticker.nanos() - begun);
  }

  /** It is of no interest any more. */
  @Override
  public void close() {
    waits.remove(this);
  }
}
