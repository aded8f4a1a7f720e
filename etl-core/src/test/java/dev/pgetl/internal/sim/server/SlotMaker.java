package dev.pgetl.internal.sim.server;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Creates logical slots as the server does: waits for transactions that are open. */
final class SlotMaker {
  /** How long the server may go on for a client that is gone. */
  private static final long ORPHAN_NANOS = TimeUnit.SECONDS.toNanos(15);

  private SlotMaker() {}

  /**
   * Creates a slot. When it returns, what is committed is the snapshot that belongs to its first
   * position, until something else happens.
   */
  static Slot create(Cluster cluster, Link link, String name, long limitNanos) {
    String doing = "create slot " + name;
    link.travel(doing);
    Disk disk = cluster.disk();
    if (cluster.slot(name) != null) {
      throw new EtlException(ErrorKind.SLOT_IN_USE, doing + " failed: the slot exists");
    }
    Slot slot = new Slot(name, 0);
    disk.slots.put(name, slot);
    boolean made = false;
    try {
      awaitOlder(cluster, link, doing, limitNanos);
      disk.write(100);
      slot.finish(disk.insert());
      made = true;
      return slot;
    } finally {
      if (!made) {
        boolean unnoticed = link.isCut() && cluster.random().nextBoolean();
        slot.abandon(cluster.now() + (unnoticed ? cluster.random().nextLong(ORPHAN_NANOS) : 0));
      }
    }
  }

  /** Twice: for those that were open at the beginning, and for those that were open then. */
  private static void awaitOlder(Cluster cluster, Link link, String doing, long limitNanos) {
    long until = cluster.now() + limitNanos;
    for (int round = 0; round < 2; round++) {
      List<OpenTransaction> older = cluster.writing();
      while (cluster.writing().stream().anyMatch(older::contains)) {
        if (cluster.now() >= until) {
          throw new EtlException(
              ErrorKind.SOURCE_BUSY, doing + " failed: transactions were open for too long");
        }
        Doing before = Movement.begin(Doing.AWAITS_SOURCE);
        cluster.changed().await(until, false);
        Movement.end(before);
        link.require(doing);
      }
    }
  }
}
