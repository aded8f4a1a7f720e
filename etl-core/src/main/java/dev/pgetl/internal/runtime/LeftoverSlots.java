package dev.pgetl.internal.runtime;

import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops slots of tables that do not need one (any more): a crash left them, or the server could not
 * be reached when they were to be dropped. They would hold its log for ever. Owned by one thread at
 * a time.
 */
final class LeftoverSlots {
  private static final Logger LOG = LoggerFactory.getLogger(LeftoverSlots.class);

  private final PipelineContext context;
  private final Tables tables;

  LeftoverSlots(PipelineContext context, Tables tables) {
    this.context = context;
    this.tables = tables;
  }

  /**
   * Drops them. One that is still being made can only be waited for, and the table's worker does.
   *
   * @param ofKnown drops that of a table that may have a worker
   */
  void drop(Consumer<Table> ofKnown) {
    String prefix = context.syncSlotPrefix();
    for (SlotState slot : context.source().slots()) {
      String suffix = slot.name().startsWith(prefix) ? slot.name().substring(prefix.length()) : "";
      if (suffix.matches("[0-9]{1,10}") && !slot.unfinished() && slot.isOurs()) {
        drop(slot, Long.parseLong(suffix), ofKnown);
      }
    }
  }

  private void drop(SlotState slot, long oid, Consumer<Table> ofKnown) {
    if (oid <= 0 || oid > 0xFFFFFFFFL) {
      return; // not a name of ours
    }
    Table table = tables.find(new TableId(oid));
    if (table == null) {
      drop(slot.name());
    } else if (!table.needsSlot()) {
      ofKnown.accept(table);
    }
  }

  /** Drops a slot nothing uses. */
  void drop(String name) {
    LOG.info("dropping replication slot {}, which is not needed any more", name);
    context.source().dropSlot(name);
    context.store().deleteReplicationProgress(name);
  }
}
