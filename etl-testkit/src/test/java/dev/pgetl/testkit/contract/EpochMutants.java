package dev.pgetl.testkit.contract;

import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import java.util.List;

/** Destinations that are wrong about epochs. */
final class EpochMutants {
  private EpochMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("begins a later epoch empty", "d17_anEpoch", BeginsEmpty::new),
        new DestinationMutant("keeps what was accepted", "d17_whatWas", KeepsAccepted::new),
        new DestinationMutant("takes over nothing", "d17_anotherProcess", TakesOverNothing::new),
        new DestinationMutant("writes and then asks", "d19_whatThe", AsksTooLate::new),
        new DestinationMutant("wraps the refusal", "d19_whatThe", WrapsTheRefusal::new),
        new DestinationMutant("asks once per call", "d19_noAttempt", AsksOnce::new));
  }

  private static final class BeginsEmpty extends ReferenceDestination {
    private long last;

    BeginsEmpty(Target target) {
      super(target);
    }

    @Override
    public void beginEpoch(Epoch epoch) {
      if (last > 0) {
        truncateTable(DestinationAccess.USERS);
      }
      last = epoch.number();
    }
  }

  private static final class KeepsAccepted extends AcceptingDestination {
    KeepsAccepted(Target target) {
      super(target);
    }

    @Override
    public void beginEpoch(Epoch epoch) {}
  }

  private static final class TakesOverNothing extends ReferenceDestination {
    TakesOverNothing(Target target) {
      super(target);
    }

    @Override
    public void beginEpoch(Epoch epoch) {
      if (epoch.number() == 2) {
        truncateTable(DestinationAccess.USERS);
      }
    }
  }

  private static class Asking extends ReferenceDestination {
    Epoch current = Epoch.endless(0);

    Asking(Target target) {
      super(target);
    }

    @Override
    public void beginEpoch(Epoch epoch) {
      current = epoch;
    }
  }

  private static final class AsksTooLate extends Asking {
    AsksTooLate(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      WriteResult result = super.writeEvents(events);
      current.require();
      return result;
    }
  }

  private static final class WrapsTheRefusal extends Asking {
    WrapsTheRefusal(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      try {
        current.require();
      } catch (EtlException e) {
        throw new EtlException(ErrorKind.DESTINATION_FAILED, "refused", e);
      }
      return super.writeEvents(events);
    }
  }

  private static final class AsksOnce extends Asking {
    AsksOnce(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      current.require();
      while (isBroken()) {
        Thread.onSpinWait();
      }
      return super.writeEvents(events);
    }

    private boolean isBroken() {
      synchronized (target) {
        return target.broken;
      }
    }
  }
}
