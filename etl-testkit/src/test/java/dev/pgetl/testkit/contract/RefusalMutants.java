package dev.pgetl.testkit.contract;

import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import java.util.List;

/** Destinations that say that a refused call has no effect, and whose refused calls have one. */
final class RefusalMutants {
  private RefusalMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("writes what came before", "d21_aRefused", OneByOne::new),
        new DestinationMutant("remembers keys of refused events", "d21_aRefused", KeyFirst::new),
        new DestinationMutant("writes the others later", "d21_aRefused", KeepsOthers::new));
  }

  private static final class OneByOne extends ReferenceDestination {
    OneByOne(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      for (Event event : events) {
        var unused = super.writeEvents(List.of(event));
      }
      return WriteResult.DURABLE;
    }
  }

  private static final class KeyFirst extends ReferenceDestination {
    KeyFirst(Target target) {
      super(target);
    }

    @Override
    void requireWelcome(List<Event> events) {
      events.forEach(this::remember);
      super.requireWelcome(events);
    }
  }

  private static final class KeepsOthers extends ReferenceDestination {
    KeepsOthers(Target target) {
      super(target);
    }

    @Override
    void requireWelcome(List<Event> events) {
      try {
        super.requireWelcome(events);
      } catch (EtlException e) {
        apply(events.get(1));
        throw e;
      }
    }
  }
}
