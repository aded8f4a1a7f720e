package dev.pgetl.testkit.contract;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import java.util.List;

/** A right destination whose events a handler takes; rows of copies reach it without one. */
final class HandlingDestination extends ReferenceDestination {
  private final Destination events =
      Destination.ofEvents(event -> super.writeEvents(List.of(event)));

  HandlingDestination(Target target) {
    super(target);
  }

  /** Each event is seen by itself. */
  @Override
  public long wholeTransactionBytes() {
    return 0;
  }

  /** The events before the one that is refused have been handled. */
  @Override
  public boolean refusesWholeCalls() {
    return false;
  }

  @Override
  public void beginEpoch(Epoch epoch) {
    events.beginEpoch(epoch);
  }

  @Override
  public WriteResult writeEvents(List<Event> list) {
    return events.writeEvents(list);
  }
}
