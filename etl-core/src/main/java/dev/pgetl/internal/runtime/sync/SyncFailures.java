package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.table.TableState;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what becomes of a table whose sync worker failed. Thread-safe. */
final class SyncFailures {
  private static final Logger LOG = LoggerFactory.getLogger(SyncFailures.class);

  /**
   * A table is to be retried.
   *
   * @param failure why
   * @param attempt how many times in a row it failed, from 1
   * @param delay how long until then
   */
  record Retry(EtlException failure, int attempt, Duration delay) {}

  private final Backoff backoff;
  private final boolean copyOnly;

  /**
   * Creates the judge of failures.
   *
   * @param backoff delays, and how many there are
   * @param copyOnly whether the pipeline ends by itself: then nothing is retried without limit
   */
  SyncFailures(Backoff backoff, boolean copyOnly) {
    this.backoff = backoff;
    this.copyOnly = copyOnly;
  }

  /** {@return when to retry; null for not at all} */
  @Nullable Retry failed(Table table, Sync sync, EtlException failure) {
    if (sync.isStopped()) {
      LOG.debug("the sync worker of table {} failed while stopping", table.name(), failure);
      return null;
    }
    LOG.warn("the sync worker of table {} failed", table.name(), failure);
    try {
      if (table.isToLeave()) {
        return exitFailed(table, failure);
      }
      Retry retry = setAside(table, sync, failure);
      if (table.life().needsManualRetry()) {
        sync.abandon(table);
      }
      return retry;
    } catch (EtlException e) {
      LOG.error("the failure of table {} could not be stored", table.name(), e);
      return whenStoreIsBack(e);
    }
  }

  /** A table that has not left the apply worker stays there. */
  private @Nullable Retry exitFailed(Table table, EtlException failure) {
    if (failure.retry() == RetryDirective.TIMED) {
      return retry(failure, 1);
    }
    boolean pauses = table.wish().isPause();
    LOG.error("table {} is not {}", table.name(), pauses ? "paused" : "copied again in part");
    boolean unused = table.moveIf(TableState::isLeaving, Failed.of(failure, 1, false));
    table.notes().noRangeAgain();
    table.unpause();
    table.trouble().failed(failure, 1, null);
    return null;
  }

  /**
   * Stores a failure. One that is temporary is not the table's fault: it is retried until it
   * succeeds. A table whose work was done, or that the destination refused meanwhile, stays as it
   * is.
   */
  private @Nullable Retry setAside(Table table, Sync sync, EtlException failure) {
    int attempt = table.trouble().attempt(failure.kind(), table.life().failures());
    boolean slotLost = failure.kind() == ErrorKind.SLOT_LOST;
    if (slotLost) {
      boolean unused = table.moveIf(now -> now.life().mayRetry(), new Resync());
    }
    EtlException reason = slotLost ? copiedAgain(failure) : failure;
    boolean retried = copyOnly ? isRetried(reason, attempt, sync) : isRetried(reason, attempt);
    boolean advised = retried || !copyOnly || !reason.fix().isEmpty();
    EtlException known = advised ? reason : reason.withFix(Failed.ANOTHER_RUN);
    boolean moved = table.moveIf(SyncFailures::canFail, Failed.of(known, attempt, retried));
    if (moved && !retried) {
      table.trouble().failed(reason, attempt, null);
    }
    return moved && retried ? retry(reason, attempt) : null;
  }

  private static boolean canFail(TableState now) {
    return now.life().mayRetry() && !(now.life().phase() instanceof Errored);
  }

  private boolean isRetried(EtlException failure, int attempt) {
    return failure.retry() == RetryDirective.TIMED
        && (failure.kind().isTemporary() || backoff.allows(attempt));
  }

  /** No stream decides when to give up, and the pipeline is to end. */
  private boolean isRetried(EtlException failure, int attempt, Sync sync) {
    boolean wasRetried = failure.kind() == ErrorKind.DESTINATION_UNAVAILABLE && sync.retriesCalls();
    return failure.retry() == RetryDirective.TIMED && backoff.allows(attempt) && !wasRetried;
  }

  /** {@return whether a failure is about a table} */
  static boolean names(EtlException failure, Table table) {
    return failure.tableOid().orElse(0) == table.id().oid();
  }

  /** A sync worker's slot is gone: nothing is lost, the table is resynced. */
  private static EtlException copiedAgain(EtlException failure) {
    return new EtlException(
        ErrorKind.SOURCE_FAILED, failure.summary() + "; the table is resynced", failure);
  }

  /**
   * What became of a table could not be stored: nothing counts as an attempt.
   *
   * @throws EtlException the same, if waiting does not help: what the store holds is not known
   */
  Retry whenStoreIsBack(EtlException storeAway) {
    if (storeAway.retry() != RetryDirective.TIMED) {
      throw storeAway;
    }
    return retry(storeAway, 1);
  }

  private Retry retry(EtlException failure, int attempt) {
    return new Retry(failure, attempt, backoff.delay(attempt));
  }
}
