package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;

/** Puts tables that failed aside and decides when they are tried again. Thread-safe. */
final class TableFailures {
  /** Who tries tables again. */
  interface Retries {
    /** Runs a table's worker after a delay. */
    void retry(TableId table, Duration delay);
  }

  private final Services services;
  private final Retries retries;

  TableFailures(Services services, Retries retries) {
    this.services = services;
    this.retries = retries;
  }

  /**
   * A table's worker failed. That the server cannot be reached, or has no connection, slot or lock
   * to give, is not the table's fault: it is tried again for as long as it takes.
   */
  void failed(TableId table, EtlException failure) {
    services.handOver().leave(table);
    int attempt = services.states().countFailure(table);
    boolean exhausted =
        failure.retry() == RetryDirective.TIMED
            && failure.kind() != ErrorKind.SOURCE_UNAVAILABLE
            && failure.kind() != ErrorKind.SOURCE_BUSY
            && failure.kind() != ErrorKind.SLOT_IN_USE
            && !services.backoff().allows(attempt);
    RetryDirective directive = exhausted ? RetryDirective.MANUAL : failure.retry();
    services.states().set(table, new Errored(failure.summary(), failure.fix(), directive, attempt));
    if (directive == RetryDirective.TIMED) {
      later(table, failure, attempt);
    }
  }

  /**
   * What became of a table could not be stored: nothing counts as an attempt, it is tried again.
   */
  void again(TableId table, EtlException storeAway) {
    later(table, storeAway, 1);
  }

  private void later(TableId table, EtlException failure, int attempt) {
    Duration delay = services.backoff().delay(attempt);
    retries.retry(table, delay);
    Observers.tell(() -> services.listener().onRetry(failure, attempt, delay));
  }

  /** The destination refuses a table the main stream carries; false if it is none of ours. */
  boolean refused(EtlException failure) {
    TableId table = new TableId(failure.tableOid().orElseThrow());
    if (!services.states().contains(table)) {
      return false;
    }
    failed(table, failure.withRetry(RetryDirective.MANUAL));
    return true;
  }
}
