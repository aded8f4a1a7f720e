package dev.pgetl.internal.runtime.table;

import dev.pgetl.internal.runtime.table.Gate.Closed;
import dev.pgetl.internal.runtime.table.Gate.Fenced;
import dev.pgetl.internal.runtime.table.Gate.Leaving;
import dev.pgetl.internal.runtime.table.Gate.Open;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of streams may ask of a table without its lock. Immutable: a change replaces the
 * whole.
 *
 * @param life its phase
 * @param gate which changes the apply worker delivers
 * @param generation a number that changes whenever the table changes hands
 * @param refused whether the delivery leaves its events out, because the destination refused one
 * @param fencesLost how often in a row the apply worker has not waited to the end
 * @param leftAt the last transaction whose changes of the table, or of another one of that name,
 *     the apply worker may still hold although the table is not its own
 * @param unstored a position the apply worker must not acknowledge beyond: what comes behind it was
 *     refused, which the store does not know yet; null if it need not know anything
 */
public record TableState(
    TableLife life,
    Gate gate,
    long generation,
    boolean refused,
    int fencesLost,
    @Nullable Lsn leftAt,
    @Nullable Lsn unstored) {
  /** How long the apply worker waits before it takes the first fence of a table away. */
  private static final long FIRST_PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();

  private static final int MAX_DOUBLINGS = 20;

  /** A table at the start of the process; one that the apply worker owned is its again. */
  static TableState starting(TableLife life, long generation) {
    return new TableState(life, gateAtStart(life.phase()), generation, false, 0, null, null);
  }

  private static Gate gateAtStart(TableReplicationPhase phase) {
    if (phase instanceof SyncDone done) {
      return new Open(done.lsn());
    }
    return TableLife.isApplied(phase) ? new Open(Lsn.ZERO) : new Closed();
  }

  /**
   * A phase was entered, and stored if it is one that is stored. Only here does a table leave the
   * apply worker.
   *
   * @param lastBegun the last transaction the apply worker began
   */
  TableState entered(TableLife next, Lsn lastBegun) {
    if (!next.phase().isStored() || next.isApplied()) {
      return new TableState(next, gate, generation, refused, fencesLost, leftAt, unstored);
    }
    boolean leaves = gate instanceof Open || gate instanceof Leaving;
    return new TableState(
        next,
        new Closed(),
        leaves ? generation + 1 : generation,
        refused,
        fencesLost,
        leaves ? lastBegun : leftAt,
        null);
  }

  /**
   * The table is about to leave the apply worker; ignored if it is not the apply worker's.
   *
   * @param limit up to where the apply worker may acknowledge until the store knows
   */
  TableState leaving(Lsn limit) {
    return gate instanceof Open open && !refused
        ? limited(new Leaving(open.from(), Lsn.ZERO), limit)
        : this;
  }

  /** The apply worker delivers what is committed before a position; ignored if that is known. */
  TableState leavingAt(Lsn until) {
    return gate instanceof Leaving leaving && !leaving.isDecided()
        ? limited(
            new Leaving(leaving.from(), Lsn.max(until, leaving.from())),
            refused && unstored != null ? unstored : until)
        : this;
  }

  /** {@return whether the position at which the table leaves is not known yet} */
  boolean isDeciding() {
    return gate instanceof Leaving leaving && !leaving.isDecided();
  }

  /** {@return whether the table is on its way from the apply worker to a sync worker} */
  public boolean isLeaving() {
    return gate instanceof Leaving && !refused;
  }

  private TableState limited(Gate newGate, Lsn limit) {
    return new TableState(life, newGate, generation, refused, fencesLost, leftAt, limit);
  }

  /**
   * From now on the apply worker waits if it meets a change of the table.
   *
   * @param whenTaken runs if the apply worker takes the fence away
   */
  TableState fencing(Runnable whenTaken) {
    long patience = FIRST_PATIENCE_NANOS << Math.min(MAX_DOUBLINGS, fencesLost);
    return with(new Fenced(Lsn.ZERO, patience, whenTaken));
  }

  /** The fence is known; ignored if it was taken away meanwhile. */
  TableState fenced(Lsn fence) {
    return gate instanceof Fenced before
        ? with(new Fenced(fence, before.patienceNanos(), before.whenTaken()))
        : this;
  }

  /** The apply worker does not wait any longer; ignored if it does not wait. */
  TableState withoutFence() {
    return gate instanceof Fenced ? with(new Closed()) : this;
  }

  /** The apply worker has waited long enough; ignored if it knows by now. */
  TableState fenceLost() {
    return gate instanceof Fenced
        ? new TableState(life, new Closed(), generation, refused, fencesLost + 1, leftAt, unstored)
        : this;
  }

  /** The apply worker owns what is committed from a position on; ignored without a fence. */
  TableState handedOver(Lsn end) {
    return gate instanceof Fenced
        ? new TableState(life, new Open(end), generation + 1, false, 0, null, null)
        : this;
  }

  /**
   * The destination refused a change; ignored if the delivery leaves the table out already.
   *
   * @param durable up to where the apply worker has acknowledged
   */
  TableState refusedAfter(Lsn durable) {
    if (refused) {
      return this;
    }
    boolean applied = gate instanceof Open || gate instanceof Leaving;
    Lsn limit = applied ? durable : null;
    return new TableState(life, gate, generation, true, fencesLost, leftAt, limit);
  }

  /** What the apply worker delivers up to a transaction comes before the table's rows. */
  TableState behind(Lsn transaction) {
    return new TableState(life, gate, generation, refused, fencesLost, transaction, unstored);
  }

  /**
   * The apply worker holds no transaction behind this one. Never the same object: a change that is
   * made meanwhile is made again.
   */
  TableState endingAt(Lsn transaction) {
    Lsn held = leftAt != null && leftAt.isAfter(transaction) ? transaction : leftAt;
    return new TableState(life, gate, generation, refused, fencesLost, held, unstored);
  }

  /**
   * The apply worker holds no change of the table any more; ignored if it may hold more than the
   * caller knows.
   *
   * @param known the {@link #leftAt} that the apply worker has passed
   */
  TableState passed(@Nullable Lsn known) {
    return Objects.equals(leftAt, known)
        ? new TableState(life, gate, generation, false, fencesLost, null, unstored)
        : this;
  }

  private TableState with(Gate newGate) {
    return new TableState(life, newGate, generation, refused, fencesLost, leftAt, unstored);
  }
}
