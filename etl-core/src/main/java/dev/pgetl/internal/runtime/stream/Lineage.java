package dev.pgetl.internal.runtime.stream;

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
  private static final String FIX =
      "Changes may be missing. Resync all tables: start with invalidatedSlotBehavior RECREATE, or drop the slot and clear the"
          + " pipeline's state.";

  private Lineage() {}

  /**
   * Checks a slot against what is remembered of it.
   *
   * @return the position from which the stream continues
   * @throws EtlException of kind {@code SLOT_LOST} if changes in between are gone
   */
  public static Lsn resume(
      String slotName, Optional<SlotState> slot, ReplicationProgress progress, SourceFacts facts) {
    checkCluster(slotName, progress.lineage(), facts);
    SlotState state =
        slot.orElseThrow(() -> lost("replication slot " + slotName + " does not exist any more"));
    if (state.lost()) {
      String reason =
          state.invalidationReason().isEmpty() ? state.walStatus() : state.invalidationReason();
      throw lost(
          "replication slot " + slotName + " has been invalidated by the server (" + reason + ")");
    }
    if (state.confirmedFlush().isAfter(progress.flushedLsn())) {
      throw lost(
          "replication slot "
              + slotName
              + " stands at "
              + state.confirmedFlush()
              + ", ahead of the remembered position "
              + progress.flushedLsn()
              + ": another client advanced or re-created it, or the store was set back");
    }
    return progress.flushedLsn();
  }

  private static void checkCluster(String slotName, SlotLineage lineage, SourceFacts facts) {
    if (!lineage.systemIdentifier().equals(facts.systemIdentifier())
        || lineage.timeline() != facts.timeline()) {
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
    return new EtlException(ErrorKind.SLOT_LOST, what).withFix(FIX);
  }
}
