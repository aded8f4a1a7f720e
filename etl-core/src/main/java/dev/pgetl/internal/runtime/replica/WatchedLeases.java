package dev.pgetl.internal.runtime.replica;

import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseStore;
import java.time.Duration;
import java.util.Optional;

/** Leases whose calls are waits of the thread that makes them. Thread-safe as far as they are. */
final class WatchedLeases implements LeaseStore {
  private final LeaseStore leases;

  WatchedLeases(LeaseStore leases) {
    this.leases = leases;
  }

  @Override
  public Lease lease() {
    Doing before = Movement.begin(Doing.AWAITS_STORE);
    try {
      return leases.lease();
    } finally {
      Movement.end(before);
    }
  }

  @Override
  public Optional<Lease> take(String owner, Duration length, Lease seen) {
    Doing before = Movement.begin(Doing.AWAITS_STORE);
    try {
      return leases.take(owner, length, seen);
    } finally {
      Movement.end(before);
    }
  }

  @Override
  public void renew(Duration length) {
    run(() -> leases.renew(length));
  }

  @Override
  public void giveBack() {
    run(leases::giveBack);
  }

  @Override
  public void watch(Duration limit) throws InterruptedException {
    Doing before = Movement.begin(Doing.AWAITS_STORE);
    try {
      leases.watch(limit);
    } finally {
      Movement.end(before);
    }
  }

  @Override
  public void rehearse() {
    run(leases::rehearse);
  }

  private static void run(Runnable call) {
    Doing before = Movement.begin(Doing.AWAITS_STORE);
    try {
      call.run();
    } finally {
      Movement.end(before);
    }
  }
}
