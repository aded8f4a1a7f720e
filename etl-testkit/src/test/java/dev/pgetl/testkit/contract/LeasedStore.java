package dev.pgetl.testkit.contract;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The reference store with leases, which last by the clock of the JVM. */
class LeasedStore extends ReferenceStore implements LeaseStore, AutoCloseable {
  /** The epoch of the lease that this store was granted; 0 if it has none. */
  long granted;

  LeasedStore(StoreLayer persistent) {
    super(persistent);
  }

  @Override
  public Optional<LeaseStore> leases() {
    return Optional.of(this);
  }

  @Override
  void write(Consumer<StoreLayer> change) {
    synchronized (persistent) {
      requireOwned();
      super.write(change);
    }
  }

  void requireOwned() {
    if (granted == 0 || granted != persistent.epoch) {
      throw new EtlException(ErrorKind.STORE_LOCKED, "the lease is another owner's");
    }
  }

  @Override
  public Lease lease() {
    synchronized (persistent) {
      persistent.requireWorking();
      Duration left = Duration.ofNanos(Math.max(0, persistent.leaseUntil - System.nanoTime()));
      boolean free = persistent.owner.isEmpty();
      return new Lease(
          persistent.owner, persistent.epoch, free ? Duration.ZERO : left, persistent.inUse);
    }
  }

  @Override
  public Optional<Lease> take(String owner, Duration length, Lease seen) {
    synchronized (persistent) {
      Lease now = lease();
      if (!mayTake(now, seen)) {
        return Optional.empty();
      }
      persistent.epoch = nextEpoch();
      persistent.owner = owner;
      persistent.inUse = true;
      granted = persistent.epoch;
      extend(length);
      return Optional.of(lease());
    }
  }

  boolean mayTake(Lease now, Lease seen) {
    return now.isGrantable() && now.epoch() == seen.epoch();
  }

  long nextEpoch() {
    return persistent.epoch + 1;
  }

  void extend(Duration length) {
    persistent.leaseUntil = System.nanoTime() + length.toNanos();
  }

  @Override
  public void renew(Duration length) {
    synchronized (persistent) {
      persistent.requireWorking();
      requireOwned();
      extend(length);
    }
  }

  @Override
  public void giveBack() {
    synchronized (persistent) {
      persistent.requireWorking();
      if (granted == persistent.epoch) {
        persistent.owner = "";
        persistent.inUse = false;
      }
      granted = 0;
    }
  }

  @Override
  public void watch(Duration limit) {
    LockSupport.parkNanos(limit.toNanos());
    synchronized (persistent) {
      persistent.requireWorking();
    }
  }

  /** The process ends. */
  @Override
  public void close() {
    synchronized (persistent) {
      if (granted == persistent.epoch) {
        persistent.inUse = false;
      }
    }
  }
}
