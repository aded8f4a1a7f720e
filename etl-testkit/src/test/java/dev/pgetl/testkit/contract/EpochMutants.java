package dev.pgetl.testkit.contract;

import java.util.List;

/** Destinations that are wrong about epochs. */
final class EpochMutants {
  private EpochMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("begins a later epoch empty", "d17_anEpoch", BeginsEmpty::new),
        new DestinationMutant("keeps what was accepted", "d17_whatWas", KeepsAccepted::new),
        new DestinationMutant("takes over nothing", "d17_anotherProcess", TakesOverNothing::new));
  }

  private static final class BeginsEmpty extends ReferenceDestination {
    private long last;

    BeginsEmpty(Target target) {
      super(target);
    }

    @Override
    public void beginEpoch(long epoch) {
      if (last > 0) {
        truncateTable(DestinationAccess.USERS);
      }
      last = epoch;
    }
  }

  private static final class KeepsAccepted extends AcceptingDestination {
    KeepsAccepted(Target target) {
      super(target);
    }

    @Override
    public void beginEpoch(long epoch) {}
  }

  private static final class TakesOverNothing extends ReferenceDestination {
    TakesOverNothing(Target target) {
      super(target);
    }

    @Override
    public void beginEpoch(long epoch) {
      if (epoch == 2) {
        truncateTable(DestinationAccess.USERS);
      }
    }
  }
}
