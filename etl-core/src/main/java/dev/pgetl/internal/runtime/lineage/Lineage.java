package dev.pgetl.internal.runtime.lineage;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.Optional;

/** Whether a remembered position can be continued from a slot. */
public final class Lineage {
  private Lineage() {}

  /**
   * Checks a slot and its server against what is remembered of them.
   *
   * @param seen up to where this process has read the history before
   * @return the position from which the stream continues
   * @throws EtlException of kind {@code SLOT_LOST} if changes in between are gone
   */
  public static Lsn resume(
      String slotName,
      Optional<SlotState> slot,
      ReplicationProgress progress,
      Lsn seen,
      SourceFacts facts) {
    checkCluster(slotName, progress.lineage(), facts);
    checkEnd(slotName, Lsn.max(seen, progress.flushedLsn()), facts);
    requireHeld(slot, progress);
    return progress.flushedLsn();
  }

  /**
   * Checks that a slot still holds everything behind its remembered position.
   *
   * @throws EtlException of kind {@code SLOT_LOST} if it does not
   */
  public static void requireHeld(Optional<SlotState> slot, ReplicationProgress progress) {
    String slotName = progress.slotName();
    SlotState state =
        slot.orElseThrow(
                () ->
                    lost(
                        "replication slot "
                            + slotName
                            + " does not exist any more, or is on another server"))
            .requireOurs();
    if (state.lost()) {
      throw state.invalidated("continuing from replication slot " + slotName, null);
    }
    requireNotAhead(state, progress.flushedLsn());
  }

  /** Checks that the server has kept everything behind a remembered position. */
  public static void requireNotAhead(SlotState slot, Lsn remembered) {
    if (slot.confirmedFlush().isAfter(remembered)) {
      throw lost(
          "replication slot "
              + slot.name()
              + " stands at "
              + slot.confirmedFlush()
              + ", ahead of the remembered position "
              + remembered
              + ": another client advanced or re-created it, or the store was set back");
    }
  }

  /**
   * A server sends only what it has on disk, so it never ends before what was read from it. A
   * standby does for a while after a restart: it replays the same log again.
   */
  private static void checkEnd(String slotName, Lsn known, SourceFacts facts) {
    if (facts.currentWal().isBefore(known)) {
      if (facts.standby()) {
        throw new EtlException(
            ErrorKind.SOURCE_UNAVAILABLE,
            "continuing from replication slot "
                + slotName
                + " failed: the standby has replayed the log up to "
                + facts.currentWal()
                + ", and is yet to reach position "
                + known);
      }
      throw setBack(slotName, known, facts.currentWal());
    }
  }

  static EtlException setBack(String slotName, Lsn known, Lsn end) {
    return lost(
        "the server's log ends at "
            + end
            + ", before position "
            + known
            + " of replication slot "
            + slotName
            + ": the server was set back to an earlier state");
  }

  /** {@return whether it is the same server, but ends before what was read from it} */
  public static boolean isSetBack(ReplicationProgress progress, Lsn seen, SourceFacts facts) {
    return isSame(progress.lineage(), facts)
        && !facts.standby()
        && facts.currentWal().isBefore(Lsn.max(seen, progress.flushedLsn()));
  }

  /** {@return whether a position belongs to the history of a server} */
  public static boolean isSame(SlotLineage lineage, SourceFacts facts) {
    return lineage.systemIdentifier().equals(facts.systemIdentifier())
        && lineage.timeline() == facts.timeline();
  }

  private static void checkCluster(String slotName, SlotLineage lineage, SourceFacts facts) {
    if (!isSame(lineage, facts)) {
      throw lost(
          "the position remembered for replication slot "
              + slotName
              + " belongs to cluster "
              + lineage.systemIdentifier()
              + " timeline "
              + lineage.timeline()
              + ", the server is cluster "
              + facts.systemIdentifier()
              + " timeline "
              + facts.timeline());
    }
  }

  public static SlotLineage of(SourceFacts facts, Lsn slotCreatedAt) {
    return new SlotLineage(facts.systemIdentifier(), facts.timeline(), slotCreatedAt);
  }

  public static EtlException lost(String what) {
    return SlotState.changesMissing(what, null);
  }
}
