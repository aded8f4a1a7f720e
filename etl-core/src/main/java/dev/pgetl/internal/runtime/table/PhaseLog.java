package dev.pgetl.internal.runtime.table;

import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the log says of the phases of tables. Stateless. */
final class PhaseLog {
  private static final Logger LOG = LoggerFactory.getLogger(Tables.class);

  private PhaseLog() {}

  /** Says where a table is, and that it has failed as a warning. */
  static void log(TableName name, TableReplicationPhase phase) {
    if (phase instanceof Errored errored) {
      LOG.warn(
          "table {} failed: {}{} ({}, attempt {})",
          name,
          errored.kind() == null ? "" : errored.kind() + ": ",
          errored.reason(),
          errored.retryDirective(),
          errored.attempt());
    } else if (phase instanceof Paused paused) {
      LOG.info("table {} is {} since {}, until it is resumed", name, phase.name(), paused.since());
    } else if (phase instanceof SyncWait wait) {
      LOG.info("table {} is {}, at {}", name, phase.name(), wait.lsn());
    } else if (phase instanceof Catchup catchup) {
      LOG.info("table {} is {}, up to {}", name, phase.name(), catchup.lsn());
    } else if (phase instanceof SyncDone done) {
      LOG.info("table {} is {}, at {}", name, phase.name(), done.lsn());
    } else {
      LOG.info("table {} is {}", name, phase.name());
    }
  }
}
