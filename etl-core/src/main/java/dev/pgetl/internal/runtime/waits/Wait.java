package dev.pgetl.internal.runtime.waits;

import dev.pgetl.internal.platform.Ticker;

/** A call that has not returned. Thread-safe. */
public final class Wait implements Waits.Known, AutoCloseable {
  private final Waits waits;
  private final String what;
  private final Ticker ticker;
  private final long since;

  Wait(Waits waits, String what, Ticker ticker) {
    this.waits = waits;
    this.what = what;
    this.ticker = ticker;
    this.since = ticker.nanos();
  }

  @Override
  public String what() {
    return what;
  }

  @Override
  public long nanos() {
    return ticker.nanos() - since;
  }

  /** The call has returned. */
  @Override
  public void close() {
    waits.end(this);
  }
}
