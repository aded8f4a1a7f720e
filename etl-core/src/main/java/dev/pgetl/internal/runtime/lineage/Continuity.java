package dev.pgetl.internal.runtime.lineage;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a start continues: compares what the store remembers with the server. Used by the
 * starting thread.
 */
public final class Continuity {
  private static final Logger LOG = LoggerFactory.getLogger(Continuity.class);

  private final PipelineContext context;
  private final PipelineStore store;
  private final LastKeys keys;
  private final Runnable startDestination;

  /**
   * Prepares the comparison.
   *
   * @param keys of the tables whose changes the apply worker has delivered, or was to deliver
   * @param startDestination called before the destination is asked
   */
  public Continuity(PipelineContext context, LastKeys keys, Runnable startDestination) {
    this.context = context;
    this.store = context.store();
    this.keys = keys;
    this.startDestination = startDestination;
  }

  /**
   * {@return where the apply worker continues; empty if everything begins again}
   *
   * @param facts of the server
   * @throws EtlException of kind {@code SLOT_LOST} or {@code DIVERGED} if what was copied cannot be
   *     continued here
   */
  public Optional<ReplicationProgress> remembered(SourceFacts facts) {
    try {
      return continued(facts);
    } catch (EtlException e) {
      boolean curable = e.kind() == ErrorKind.SLOT_LOST || e.kind() == ErrorKind.DIVERGED;
      if (!curable || (anythingCopied() && !mayRecreate())) {
        throw e;
      }
      LOG.warn("{}; the slot is created again and every table is resynced", e.summary());
      return Optional.empty();
    }
  }

  private Optional<ReplicationProgress> continued(SourceFacts facts) {
    String slotName = context.applySlot();
    Optional<SlotState> slot = context.source().slot(slotName).map(SlotState::requireOurs);
    Optional<ReplicationProgress> remembered = store.getReplicationProgress(slotName);
    if (remembered.isPresent() && Promotion.happened(remembered.get().lineage(), facts)) {
      return Optional.of(followed(remembered.get(), facts));
    }
    if (remembered.isPresent()) {
      Lsn seen = furthest(facts);
      forgetIfSetBack(remembered.get(), seen, facts);
      Lsn unused = Lineage.resume(slotName, slot, remembered.get(), seen, facts);
    } else if (anythingCopied()) {
      throw Lineage.lost(
          "the store remembers copied tables but no position of replication slot " + slotName);
    }
    return remembered;
  }

  /** {@return where a slot continues whose server was promoted while no process ran} */
  private ReplicationProgress followed(ReplicationProgress remembered, SourceFacts before) {
    startDestination.run();
    Given given = Given.byOthers(keys, Lsn.max(remembered.flushedLsn(), furthest(before)));
    try (ReplicationConnection connection = context.source().openReplication("timeline")) {
      SourceFacts facts = connection.facts();
      ReplicationProgress next = Promotion.follow(context, connection, facts, remembered, given);
      String slot = next.slotName();
      Lsn unused = Lineage.resume(slot, connection.slot(slot), next, Lsn.ZERO, facts);
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtlException(
          ErrorKind.INTERNAL, "asking the destination for its last keys was interrupted", e);
    }
  }

  /** By the next start the server may have written past the position, and nothing would show it. */
  private void forgetIfSetBack(ReplicationProgress remembered, Lsn seen, SourceFacts facts) {
    if (Lineage.isSetBack(remembered, seen, facts)) {
      store.deleteReplicationProgress(remembered.slotName());
    }
  }

  /** {@return the furthest position of the server's history that the store knows of} */
  private Lsn furthest(SourceFacts facts) {
    return store.getTableReplicationStates().entrySet().stream()
        .map(
            known ->
                known.getValue() instanceof SyncDone done
                    ? done.lsn()
                    : copied(known.getKey(), facts))
        .reduce(Lsn.ZERO, Lsn::max);
  }

  /** {@return up to where the ranges of a copy show this server's history} */
  private Lsn copied(TableId id, SourceFacts facts) {
    return store
        .getCopyRanges(id)
        .flatMap(CopyRangesText::read)
        .filter(ranges -> Lineage.isSame(ranges.origin().lineage(), facts))
        .map(CopyRanges::newest)
        .orElse(Lsn.ZERO);
  }

  private boolean mayRecreate() {
    return context.config().invalidatedSlotBehavior() == InvalidatedSlotBehavior.RECREATE;
  }

  private boolean anythingCopied() {
    return store.getTableReplicationStates().values().stream()
        .anyMatch(phase -> !(phase instanceof Init));
  }
}
