package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Puts tables that failed aside and decides when they are tried again. Thread-safe. */
final class TableFailures {
  /** Who tries tables again. */
  interface Retries {
    /** Runs a table's worker after a delay. */
    void retry(TableId table, Duration delay);
  }

  /** A table is to be tried again. */
  record Retry(EtlException failure, int attempt) {}

  private final Services services;
  private final Retries retries;

  TableFailures(Services services, Retries retries) {
    this.services = services;
    this.retries = retries;
  }

  /**
   * A table's worker failed. That the server cannot be reached, or has no connection, slot or lock
   * to give, is not the table's fault: it is tried again for as long as it takes.
   *
   * @return how it goes on, for {@link #later}; null if it waits for a person
   */
  @Nullable Retry failed(TableId table, EtlException failure) {
    int attempt = services.states().nextFailure(table);
    boolean exhausted =
        failure.retry() == RetryDirective.TIMED
            && failure.kind() != ErrorKind.SOURCE_UNAVAILABLE
            && failure.kind() != ErrorKind.SOURCE_BUSY
            && !services.backoff().allows(attempt);
    RetryDirective directive = exhausted ? RetryDirective.MANUAL : failure.retry();
    services.states().set(table, new Errored(failure.summary(), failure.fix(), directive, attempt));
    return directive == RetryDirective.TIMED ? new Retry(failure, attempt) : null;
  }

  /**
   * Has a table tried again. No worker of it may be left: the delay may be over before this method
   * returns, and a table that has a worker is not tried.
   */
  void later(TableId table, Retry retry) {
    Duration delay = services.backoff().delay(retry.attempt());
    retries.retry(table, delay);
    Observers.tell(() -> services.listener().onRetry(retry.failure(), retry.attempt(), delay));
  }

  /**
   * What became of a table could not be stored: nothing counts as an attempt.
   *
   * @throws EtlException the same, if waiting does not help: what the store holds is not known
   */
  static Retry whenStoreIsBack(EtlException storeAway) {
    if (storeAway.retry() != RetryDirective.TIMED) {
      throw storeAway;
    }
    return new Retry(storeAway, 1);
  }

  /** A table's last worker has ended, and somebody waits for that. */
  void atOnce(TableId table) {
    retries.retry(table, Duration.ZERO);
  }

  /**
   * The destination refuses a table the main stream has changes of; false if it is none of ours. A
   * table that is not with the main stream any more is left alone: these are its last changes
   * there, and whatever it waits for, a copy comes first.
   */
  boolean refused(EtlException failure) {
    TableId table = new TableId(failure.tableOid().orElseThrow());
    TableReplicationPhase phase = services.states().phase(table);
    while (phase != null && TableStates.isWithMainStream(phase)) {
      int attempt = services.states().nextFailure(table);
      Errored errored =
          new Errored(failure.summary(), failure.fix(), RetryDirective.MANUAL, attempt);
      if (services.states().move(table, phase, errored)) {
        return true;
      }
      phase = services.states().phase(table);
    }
    return phase != null;
  }
}
