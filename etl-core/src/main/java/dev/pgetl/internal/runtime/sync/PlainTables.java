package dev.pgetl.internal.runtime.sync;

import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which tables may be copied together, as far as their publication, the settings and what
 * an earlier run left say. Owned by the sync worker's thread.
 */
final class PlainTables {
  private static final Logger LOG = LoggerFactory.getLogger(PlainTables.class);
  private static final long APPLY_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final PipelineContext context;
  private final ApplyProgress apply;
  private final BooleanSupplier stopped;

  PlainTables(PipelineContext context, ApplyProgress apply, BooleanSupplier stopped) {
    this.context = context;
    this.apply = apply;
    this.stopped = stopped;
  }

  /** {@return the tables that need nothing special; the others are left to their own workers} */
  List<PublishedTable> of(List<Table> present) throws InterruptedException {
    awaitApplyWorker(present);
    if (present.isEmpty() || stopped.getAsBoolean()) {
      return List.of();
    }
    Map<TableId, PublishedTable> published =
        context
            .source()
            .publishedTables(
                context.config().publicationName(), present.stream().map(Table::id).toList())
            .stream()
            .collect(Collectors.toMap(PublishedTable::id, Function.identity()));
    Set<String> slots =
        context.source().slots().stream().map(SlotState::name).collect(Collectors.toSet());
    List<PublishedTable> plain = new ArrayList<>();
    for (Table table : present) {
      PublishedTable found = published.get(table.id());
      if (found != null && isPlain(table, found, slots)) {
        plain.add(found);
      }
    }
    return plain;
  }

  private boolean isPlain(Table table, PublishedTable published, Set<String> slots) {
    String ownSlot = context.syncSlotPrefix() + table.id();
    return !published.partitioned()
        && published.missingPrivileges().isEmpty()
        && published.scope().rowFilter().isEmpty()
        && context.config().tableCopy().copies(table.firstName())
        && context.config().tableCopy().rows(table.firstName()).isEmpty()
        && !slots.contains(ownSlot)
        && context.store().getReplicationProgress(ownSlot).isEmpty();
  }

  /** What the apply worker still holds of a table has to be out before its rows are read. */
  private void awaitApplyWorker(List<Table> present) throws InterruptedException {
    for (Table table : present) {
      while (!stopped.getAsBoolean() && !TableSync.pass(table, apply, APPLY_TICK_NANOS)) {
        LOG.debug("copies wait for the apply worker to pass {}", table.state().leftAt());
      }
    }
  }
}
