package dev.pgetl.testkit.contract;

import dev.pgetl.error.EtlException;
import dev.pgetl.store.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Broken stores: mistakes in who owns a pipeline. */
final class LeaseMutants {
  private LeaseMutants() {}

  static List<StoreMutant> all() {
    return List.of(
        new StoreMutant("shows its own lease only", "o1_allSee", ShowsItsOwn::new),
        new StoreMutant("asking ends the lease", "o1_askingChanges", AskingEnds::new),
        new StoreMutant("waits for itself", "o1_whatWasRead", WaitsForItself::new),
        new StoreMutant("believes what was seen", "o2_aLeaseInUse", BelievesWhatWasSeen::new),
        new StoreMutant("never grants an expired lease", "o2_anExpired", NeverOvertakes::new),
        new StoreMutant("compares no epoch", "o2_whatWasSeen", ComparesNoEpoch::new),
        new StoreMutant("grants to several", "o2_ofSeveral", GrantsToSeveral::new),
        new StoreMutant("counts owners only", "o3_", CountsOwnersOnly::new),
        new StoreMutant("anyone may write", "o4_", AnyoneMayWrite::new),
        new StoreMutant("renewing changes nothing", "o5_renewing", RenewsNothing::new),
        new StoreMutant("renews in time only", "o5_anExpired", RenewsInTimeOnly::new),
        new StoreMutant("renews what is lost", "o5_aLost", RenewsWhatIsLost::new),
        new StoreMutant("keeps what is given back", "o6_whatIs", KeepsWhatIsGivenBack::new),
        new StoreMutant("writes without a lease", "o6_without", WritesWithoutALease::new),
        new StoreMutant("gives others' leases back", "o6_anEarlier", GivesOthersBack::new),
        new StoreMutant("loses it while watching", "o7_watchingEnds", LosesItWatching::new),
        new StoreMutant("notices nothing", "o7_aLostSession", NoticesNothing::new),
        new StoreMutant("the dead stay in use", "o8_", TheDeadStay::new),
        new StoreMutant("owns what it rehearses", "o9_", OwnsWhatItRehearses::new));
  }

  private static final class ShowsItsOwn extends LeasedStore {
    ShowsItsOwn(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Lease lease() {
      return granted == 0 ? Lease.NONE : super.lease();
    }
  }

  private static final class WaitsForItself extends LeasedStore {
    private boolean read;

    WaitsForItself(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public int loadReplicationProgress() {
      read = true;
      return super.loadReplicationProgress();
    }

    @Override
    public Lease lease() {
      Lease now = super.lease();
      return new Lease(now.owner(), now.epoch(), now.left(), now.inUse() || read);
    }
  }

  private static final class AskingEnds extends LeasedStore {
    AskingEnds(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Lease lease() {
      synchronized (persistent) {
        Lease now = super.lease();
        if (granted == 0 && !now.isFree()) {
          persistent.epoch++;
        }
        return now;
      }
    }
  }

  private static final class BelievesWhatWasSeen extends LeasedStore {
    BelievesWhatWasSeen(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    boolean mayTake(Lease now, Lease seen) {
      return seen.isGrantable() && now.epoch() == seen.epoch();
    }
  }

  private static final class NeverOvertakes extends LeasedStore {
    NeverOvertakes(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    boolean mayTake(Lease now, Lease seen) {
      return !now.inUse() && super.mayTake(now, seen);
    }
  }

  private static final class ComparesNoEpoch extends LeasedStore {
    ComparesNoEpoch(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    boolean mayTake(Lease now, Lease seen) {
      return now.isGrantable();
    }
  }

  private static final class GrantsToSeveral extends LeasedStore {
    GrantsToSeveral(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Optional<Lease> take(String owner, Duration length, Lease seen) {
      Optional<Lease> granted = super.take(owner, length, seen);
      return granted.isEmpty() && seen.isFree() && seen.isGrantable() ? Optional.of(seen) : granted;
    }
  }

  private static final class CountsOwnersOnly extends LeasedStore {
    private static String last = "";

    CountsOwnersOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public Optional<Lease> take(String owner, Duration length, Lease seen) {
      boolean same = owner.equals(last) && persistent.epoch > 0;
      last = owner;
      Optional<Lease> granted = super.take(owner, length, seen);
      if (same && granted.isPresent()) {
        this.granted = --persistent.epoch;
      }
      return granted.map(lease -> lease());
    }
  }

  private static final class AnyoneMayWrite extends LeasedStore {
    AnyoneMayWrite(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    void requireOwned() {
      if (granted == 0) {
        super.requireOwned();
      }
    }
  }

  private static final class RenewsNothing extends LeasedStore {
    RenewsNothing(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void renew(Duration length) {
      requireOwned();
    }
  }

  private static final class RenewsInTimeOnly extends LeasedStore {
    RenewsInTimeOnly(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void renew(Duration length) {
      if (lease().isExpired()) {
        granted = 0;
      }
      super.renew(length);
    }
  }

  private static final class RenewsWhatIsLost extends LeasedStore {
    RenewsWhatIsLost(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void renew(Duration length) {
      try {
        super.renew(length);
      } catch (EtlException e) {
        granted = 0;
      }
    }
  }

  private static final class KeepsWhatIsGivenBack extends LeasedStore {
    KeepsWhatIsGivenBack(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void giveBack() {
      granted = 0;
    }
  }

  private static final class WritesWithoutALease extends LeasedStore {
    WritesWithoutALease(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    void requireOwned() {
      if (granted != 0) {
        super.requireOwned();
      }
    }
  }

  private static final class GivesOthersBack extends LeasedStore {
    GivesOthersBack(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void giveBack() {
      synchronized (persistent) {
        granted = persistent.epoch;
        super.giveBack();
      }
    }
  }

  private static final class LosesItWatching extends LeasedStore {
    LosesItWatching(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void watch(Duration limit) {
      super.watch(limit);
      close();
      giveBack();
    }
  }

  private static final class NoticesNothing extends LeasedStore {
    NoticesNothing(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void watch(Duration limit) {
      LockSupport.parkNanos(limit.toNanos());
    }
  }

  private static final class OwnsWhatItRehearses extends LeasedStore {
    OwnsWhatItRehearses(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void rehearse() {
      synchronized (persistent) {
        persistent.epoch = nextEpoch();
      }
    }
  }

  private static final class TheDeadStay extends LeasedStore {
    TheDeadStay(StoreLayer persistent) {
      super(persistent);
    }

    @Override
    public void close() {}
  }
}
