package dev.pgetl.status.json;

import dev.pgetl.event.EventSequence;
import dev.pgetl.observe.EventCounts;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.store.TableReplicationPhase;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A table's status as members. A test compares them with the accessors. */
final class TableMembers {
  private TableMembers() {}

  static Map<String, @Nullable Object> of(TableStatus table) {
    return new Members()
        .add("id", table.id().oid())
        .add("schema", table.name().schema())
        .add("name", table.name().name())
        .add("phase", phase(table.phase()))
        .add("ready", table.isReady())
        .add("needs_resync", table.needsResync())
        .add("paused_since", table.pausedSince())
        .add("copied_rows", table.copiedRows())
        .add("copied_bytes", table.copiedBytes())
        .add("estimated_rows", unlessUnknown(table.estimatedRows()))
        .add("events", events(table.events()))
        .add("difference", table.difference())
        .add("failure", table.failure().map(PipelineMembers::failure))
        .add("slot", table.slot().map(PipelineMembers::slot))
        .add("quarantine", table.quarantine().map(TableMembers::quarantine))
        .toMap();
  }

  private static Map<String, @Nullable Object> events(EventCounts events) {
    return new Members()
        .add("inserts", events.inserts())
        .add("updates", events.updates())
        .add("deletes", events.deletes())
        .add("truncates", events.truncates())
        .add("last_commit_time", PipelineMembers.unlessNever(events.lastCommitTime()))
        .toMap();
  }

  private static Map<String, @Nullable Object> quarantine(QuarantineStatus quarantine) {
    return new Members()
        .add("events", quarantine.events())
        .add("oldest", quarantine.oldest())
        .add("refused", quarantine.refused().stream().map(EventSequence::toString).toList())
        .add("whole_table", quarantine.wholeTable())
        .add("replaying", quarantine.replaying())
        .toMap();
  }

  /** The status says "not known" by -1. */
  private static OptionalLong unlessUnknown(long rows) {
    return rows < 0 ? OptionalLong.empty() : OptionalLong.of(rows);
  }

  /** The phase's name, and what it has besides. */
  private static Map<String, @Nullable Object> phase(TableReplicationPhase phase) {
    Members members = new Members().add("name", phase.name());
    if (phase instanceof TableReplicationPhase.SyncWait wait) {
      members.add("lsn", wait.lsn());
    } else if (phase instanceof TableReplicationPhase.Catchup catchup) {
      members.add("lsn", catchup.lsn());
    } else if (phase instanceof TableReplicationPhase.SyncDone done) {
      members.add("lsn", done.lsn());
    } else if (phase instanceof TableReplicationPhase.Paused paused) {
      members.add("since", paused.since()).add("from", phase(paused.from()));
    } else if (phase instanceof TableReplicationPhase.Errored errored) {
      members
          .add("kind", errored.kind())
          .add("reason", errored.reason())
          .add("solution", errored.solution())
          .add("retry_directive", errored.retryDirective())
          .add("attempt", errored.attempt());
    }
    return members.toMap();
  }
}
