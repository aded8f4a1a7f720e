package dev.pgetl.internal.runtime.lineage;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.TimelineHistory;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a stream continues on a server that was promoted. The old timeline ends at some position
 * for it; the positions from there on are used again, by other transactions. So the stream
 * continues only if the destination was given nothing that lies there.
 */
public final class Promotion {
  private static final Logger LOG = LoggerFactory.getLogger(Promotion.class);
  private static final String ALL =
      "Resync all tables: start with invalidatedSlotBehavior RECREATE.";

  private final TimelineHistory history;
  private final SourceFacts facts;
  private final boolean acceptUnknown;
  private final boolean ofStandby;

  /**
   * Prepares the comparison with one server.
   *
   * @param history of its timelines
   * @param facts of the same server
   * @param acceptUnknown whether to continue where nothing shows what the destination was given
   * @param ofStandby whether slots were made on a standby, and are on that server only
   */
  Promotion(TimelineHistory history, SourceFacts facts, boolean acceptUnknown, boolean ofStandby) {
    this.history = history;
    this.facts = facts;
    this.acceptUnknown = acceptUnknown;
    this.ofStandby = ofStandby;
  }

  /** {@return whether a server is the same cluster on another timeline} */
  public static boolean happened(SlotLineage lineage, SourceFacts facts) {
    return lineage.systemIdentifier().equals(facts.systemIdentifier())
        && lineage.timeline() != facts.timeline();
  }

  /**
   * {@return where a slot continues, on the server's timeline} Stored before anything is read on
   * it: from then on a start needs no more comparison with the old one.
   *
   * @param connection to the server
   * @param facts of the same server
   * @param remembered the slot's position, perhaps on an earlier timeline
   * @param given to the destination
   * @throws EtlException of kind {@code SLOT_LOST} or {@code DIVERGED} if it does not continue
   */
  public static ReplicationProgress follow(
      PipelineContext context,
      ReplicationConnection connection,
      SourceFacts facts,
      ReplicationProgress remembered,
      Given given)
      throws InterruptedException {
    if (!happened(remembered.lineage(), facts)) {
      return remembered;
    }
    String slot = remembered.slotName();
    boolean accept = context.config().acceptsUnknownDivergence();
    boolean ofStandby = context.config().pgConnection().readsFromStandby();
    Promotion promotion =
        new Promotion(connection.history(facts.timeline()), facts, accept, ofStandby);
    try {
      Optional<SlotState> held = connection.slot(slot);
      ReplicationProgress next = promotion.follow(remembered, held, given);
      promotion
          .endOfOther(remembered, held)
          .ifPresent(end -> LostVersions.forget(context.store(), given.tables(), end));
      context.store().storeReplicationProgress(next);
      given.compared();
      return next;
    } catch (EtlException e) {
      if (accept && e.kind() == ErrorKind.DIVERGED) {
        context.store().deleteReplicationProgress(slot); // the next process would not know of it
      }
      throw e;
    }
  }

  /**
   * {@return where the stream continues, on the server's timeline} A slot that was made on a
   * standby is on that server only, which has sent nothing but what it had replayed. So it has
   * everything that came from the slot; and as its streams do not end with the timeline, the
   * position may be behind that end.
   *
   * @param remembered the position on an earlier timeline
   * @param slot as the server has it
   * @param given to the destination
   * @throws EtlException of kind {@code SLOT_LOST} if changes are gone; of kind {@code DIVERGED} if
   *     the destination has received what the server lacks, or may have
   */
  ReplicationProgress follow(ReplicationProgress remembered, Optional<SlotState> slot, Given given)
      throws InterruptedException {
    Lineage.requireHeld(slot, remembered);
    int known = remembered.lineage().timeline();
    Lsn branch = history.endOf(known).orElseThrow(() -> noAncestor(remembered));
    boolean sameServer = isSameServer(slot);
    if (!sameServer) {
      requireOnBoth(branch, given, remembered);
    }
    SlotLineage lineage =
        new SlotLineage(
            facts.systemIdentifier(), facts.timeline(), remembered.lineage().slotCreatedAt());
    Lsn position = remembered.flushedLsn();
    boolean isOnBoth = sameServer || !position.isAfter(branch);
    ReplicationProgress next =
        new ReplicationProgress(remembered.slotName(), lineage, isOnBoth ? position : branch);
    Lineage.requireHeld(slot, next);
    LOG.warn(
        "the server was promoted: timeline {} ended at {}, replication slot {} continues at {} of timeline {}",
        known,
        branch,
        next.slotName(),
        next.flushedLsn(),
        facts.timeline());
    return next;
  }

  private boolean isSameServer(Optional<SlotState> slot) {
    return ofStandby && slot.filter(SlotState::synced).isEmpty();
  }

  /** {@return where the timeline of another server ended; empty if the slot was on this one} */
  private Optional<Lsn> endOfOther(ReplicationProgress remembered, Optional<SlotState> slot) {
    return isSameServer(slot) ? Optional.empty() : history.endOf(remembered.lineage().timeline());
  }

  private void requireOnBoth(Lsn branch, Given given, ReplicationProgress remembered)
      throws InterruptedException {
    Lsn end = given.end(branch, remembered.flushedLsn()).orElse(null);
    if (end == null && !acceptUnknown) {
      throw unknown(branch, remembered);
    }
    if (end == null) {
      LOG.warn(
          "nothing shows which transactions the destination has received: those from {} on, if any, are not on the server,"
              + " and stay in the destination (acceptUnknownDivergence)",
          branch);
    } else if (end.isAfter(branch)) {
      throw diverged(branch, end, remembered);
    }
  }

  private EtlException diverged(Lsn branch, Lsn end, ReplicationProgress remembered) {
    return new EtlException(
            ErrorKind.DIVERGED,
            "the destination has received transactions that the server lacks: "
                + switched(branch, remembered)
                + ", what was delivered ends at "
                + end.plus(-1))
        .withFix(ALL + " Or bring back the server that has them.");
  }

  private EtlException unknown(Lsn branch, ReplicationProgress remembered) {
    return new EtlException(
            ErrorKind.DIVERGED,
            "the destination may have received transactions that the server lacks, it is unknown: "
                + switched(branch, remembered)
                + ", and nothing shows what it was given behind that")
        .withFix(
            ALL
                + " Or, if it has received nothing from "
                + branch
                + " on: start with acceptUnknownDivergence.");
  }

  private EtlException noAncestor(ReplicationProgress remembered) {
    return new EtlException(
            ErrorKind.DIVERGED,
            "timeline "
                + remembered.lineage().timeline()
                + ", which replication slot "
                + remembered.slotName()
                + " was read from up to "
                + remembered.flushedLsn()
                + ", is none that the server's timeline "
                + facts.timeline()
                + " comes from: it is an old primary, or was restored")
        .withFix(ALL + " Or connect to the server that continues that timeline.");
  }

  private String switched(Lsn branch, ReplicationProgress remembered) {
    return "timeline "
        + remembered.lineage().timeline()
        + " of the server ended at "
        + branch
        + " when it was promoted (timeline "
        + facts.timeline()
        + " now), the position stored for replication slot "
        + remembered.slotName()
        + " is "
        + remembered.flushedLsn();
  }
}
