package dev.pgetl.internal.runtime.exit;

import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.runtime.lineage.Lineage;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;

/** The slot of a table that is about to leave the apply worker. Stateless. */
final class ExitSlot {
  private ExitSlot() {}

  /** Makes the slot; one of this name that is there is of no use. */
  static SlotLineage create(PipelineContext context, TableCopier copier, String slot) {
    Source source = context.source();
    source.dropSlot(slot);
    context.store().deleteReplicationProgress(slot);
    SourceFacts facts = source.facts();
    Lsn created = copier.createSlot(slot);
    SlotLineage lineage = Lineage.of(facts, created);
    context.store().storeReplicationProgress(new ReplicationProgress(slot, lineage, created));
    return lineage;
  }
}
