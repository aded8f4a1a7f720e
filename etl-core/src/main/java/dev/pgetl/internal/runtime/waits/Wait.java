package dev.pgetl.internal.runtime.waits;

import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.internal.platform.Ticker;

/** A call that has not returned; the thread that makes it begins and closes it. Thread-safe. */
public final class Wait implements Waits.Known, AutoCloseable {
  private final Waits waits;
  private final String what;
  private final Ticker ticker;
  private final long since;
  private final Doing before;

  Wait(Waits waits, Doing doing, String what, Ticker ticker) {
    this.waits = waits;
    this.what = what;
    this.ticker = ticker;
    this.since = ticker.nanos();
    this.before = Movement.begin(doing);
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
    Movement.end(before);
  }
}
