package dev.pgetl.testkit.contract;

import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Destinations that say their calls are whole, and whose readers find parts of them. */
final class WholeCallsMutants {
  private WholeCallsMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("writes one table first", "d18_readers", TableByTable::new),
        new DestinationMutant("writes one transaction first", "d18_readers", InTwoParts::new));
  }

  /** Lets readers look between two parts of a call. */
  private abstract static class Divided extends ReferenceDestination {
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(5);

    Divided(Target target) {
      super(target);
    }

    abstract Predicate<Event> first(List<Event> events);

    @Override
    public WriteResult writeEvents(List<Event> events) {
      Predicate<Event> first = first(events);
      var unused = super.writeEvents(events.stream().filter(first).toList());
      long until = System.nanoTime() + PATIENCE;
      while (System.nanoTime() - until < 0) {
        Thread.onSpinWait();
      }
      return super.writeEvents(events.stream().filter(first.negate()).toList());
    }
  }

  private static final class TableByTable extends Divided {
    TableByTable(Target target) {
      super(target);
    }

    @Override
    Predicate<Event> first(List<Event> events) {
      return event ->
          event instanceof Event.OfTable change && change.table().equals(DestinationAccess.USERS);
    }
  }

  private static final class InTwoParts extends Divided {
    InTwoParts(Target target) {
      super(target);
    }

    @Override
    Predicate<Event> first(List<Event> events) {
      return event -> event.transaction().equals(events.get(0).transaction());
    }
  }
}
