package dev.pgetl.internal.runtime;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens once, before any worker runs: brings store, publication and slots together. Used by
 * the starting thread.
 */
final class Startup {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  private final Services services;
  private final PipelineStore store;
  private final SourceFacts facts;

  Startup(Services services, SourceFacts facts) {
    this.services = services;
    this.store = services.store();
    this.facts = facts;
  }

  /** Reads what is remembered. */
  void load() {
    int states = store.loadTableReplicationStates();
    int schemas = store.loadTableSchemas();
    store.loadTableMappings();
    store.loadReplicationProgress();
    LOG.info("loaded the state of {} tables and {} schema versions", states, schemas);
  }

  /** Takes in the tables of the publication, forgets those that left it. */
  void reconcile(List<PublishedTable> published) {
    Map<TableId, PublishedTable> byId =
        published.stream().collect(Collectors.toMap(PublishedTable::id, each -> each));
    store
        .getTableReplicationStates()
        .forEach(
            (id, phase) -> {
              PublishedTable table = byId.get(id);
              if (table == null) {
                forget(services, id);
              } else if (phase instanceof Errored errored
                  && errored.retryDirective() == RetryDirective.TIMED) {
                services.states().known(id, table.name(), errored, phaseBefore(id, errored));
              } else {
                services.states().known(id, table.name(), phase);
              }
            });
    for (PublishedTable table : published) {
      if (!services.states().contains(table.id())) {
        services.states().add(table.id(), table.name());
      }
    }
  }

  /**
   * {@return where a table stood before its failure} Only the store knows, and it is asked now
   * while nothing else goes on: a start that fails between the two writes leaves a table that was
   * at work, and a table that was with the main stream is never tried again by time.
   */
  private TableReplicationPhase phaseBefore(TableId id, Errored errored) {
    TableReplicationPhase before = store.rollbackTableReplicationState(id);
    store.updateTableReplicationState(id, errored);
    return before;
  }

  /** A table is not in the publication any more; the destination keeps its rows. */
  static void forget(Services services, TableId id) {
    LOG.info("table {} has left the publication, its state is removed", services.states().name(id));
    String slot = services.syncSlotPrefix() + id;
    services.source().dropSlot(slot);
    services.store().deleteReplicationProgress(slot);
    services.store().cleanupTableState(id);
    services.states().remove(id);
  }

  /** {@return where the main stream starts; its slot exists} */
  ReplicationProgress position() {
    String slotName = services.applySlot();
    Optional<SlotState> slot = services.source().slot(slotName);
    Optional<ReplicationProgress> remembered = store.getReplicationProgress(slotName);
    try {
      if (remembered.isPresent()) {
        Lineage.resume(slotName, slot, remembered.get(), facts);
        return remembered.get();
      }
      if (anythingCopied()) {
        throw Lineage.lost(
            "the store remembers copied tables but no position of replication slot " + slotName);
      }
      if (slot.isPresent() && !slot.get().lost() && !slot.get().unfinished()) {
        return remember(slot.get().confirmedFlush());
      }
    } catch (EtlException e) {
      if (e.kind() != ErrorKind.SLOT_LOST || (anythingCopied() && !mayRecreate())) {
        throw e;
      }
      LOG.warn("{}; the slot is created anew and every table copied again", e.summary());
    }
    return recreate(slotName);
  }

  private boolean mayRecreate() {
    return services.config().invalidatedSlotBehavior() == InvalidatedSlotBehavior.RECREATE;
  }

  private boolean anythingCopied() {
    return store.getTableReplicationStates().values().stream()
        .anyMatch(phase -> !(phase instanceof Init));
  }

  private ReplicationProgress recreate(String slotName) {
    services.source().dropSlot(slotName);
    store.deleteReplicationProgress(slotName);
    for (TableId id : services.states().ids()) {
      if (!(services.states().phase(id) instanceof Init)) {
        services.states().set(id, new Init());
      }
    }
    Failpoint.BEFORE_APPLY_SLOT_CREATED.reached();
    Lsn created = services.source().createSlot(slotName);
    Failpoint.AFTER_APPLY_SLOT_CREATED.reached();
    LOG.info("created replication slot {} at {}", slotName, created);
    return remember(created);
  }

  private ReplicationProgress remember(Lsn position) {
    ReplicationProgress start =
        new ReplicationProgress(services.applySlot(), Lineage.of(facts, position), position);
    store.storeReplicationProgress(start);
    return start;
  }

  /**
   * Drops slots of tables that do not need one (any more): a crash left them. One that is still
   * being made can only be waited for, and the table's worker does.
   */
  void dropLeftoverSlots() {
    String prefix = services.syncSlotPrefix();
    for (SlotState slot : services.source().slots()) {
      String suffix = slot.name().startsWith(prefix) ? slot.name().substring(prefix.length()) : "";
      if (suffix.matches("[0-9]{1,10}") && !slot.unfinished() && !needsSlot(suffix)) {
        LOG.info("dropping replication slot {}, left by an earlier run", slot.name());
        services.source().dropSlot(slot.name());
        store.deleteReplicationProgress(slot.name());
      }
    }
  }

  private boolean needsSlot(String oid) {
    long number = Long.parseLong(oid);
    if (number <= 0 || number > 0xFFFFFFFFL) {
      return true; // not a name of ours
    }
    TableReplicationPhase phase = services.states().phase(new TableId(number));
    return phase instanceof FinishedCopy
        || (phase instanceof Errored && !SyncScheduler.isLeftToAPerson(phase));
  }

  /** Says which tables the main stream carries from its start. */
  void openGates() {
    for (TableId id : services.states().ids()) {
      TableReplicationPhase phase = services.states().phase(id);
      if (phase instanceof Ready) {
        services.handOver().carried(id);
      } else if (phase instanceof SyncDone done) {
        services.handOver().done(id, done.lsn());
      }
    }
  }
}
