package dev.pgetl.spring;

import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a thread of a pipeline stands still although it has work: a transaction was read and
 * is not durable, nothing fails, the pipeline waits for neither source, destination nor store, and
 * no figure of its status changes for longer than the limit. Only a restart of the process helps
 * then. Owned by one thread.
 */
final class StallDetector {
  private final Duration limit;
  private @Nullable Progress last;
  private long since;

  /** What changes when anything moves. */
  private record Progress(
      Lsn received,
      Lsn flushed,
      long events,
      long bytes,
      long buffered,
      Map<TableId, TableProgress> tables) {
    static Progress of(PipelineStatus status) {
      return new Progress(
          status.stream().receivedLsn(),
          status.stream().flushedLsn(),
          status.stream().events(),
          status.stream().bytes(),
          status.bufferedBytes(),
          status.tables().values().stream()
              .filter(table -> !table.isReady())
              .collect(Collectors.toMap(TableStatus::id, TableProgress::of)));
    }
  }

  /** The same of a table. */
  private record TableProgress(TableReplicationPhase phase, long rows, long bytes) {
    static TableProgress of(TableStatus table) {
      return new TableProgress(table.phase(), table.copiedRows(), table.copiedBytes());
    }
  }

  /**
   * Creates a detector.
   *
   * @param limit how long a thread may stand still
   */
  StallDetector(Duration limit) {
    this.limit = limit;
  }

  /**
   * {@return whether a thread that should move has not moved for longer than the limit}
   *
   * @param status as it is now; asked several times within the limit
   * @param nanos the time by a clock that does not jump
   */
  boolean isStalled(PipelineStatus status, long nanos) {
    Progress progress = mustMove(status) ? Progress.of(status) : null;
    if (progress == null || !progress.equals(last)) {
      last = progress;
      since = nanos;
    }
    return progress != null && nanos - since > limit.toNanos();
  }

  private static boolean mustMove(PipelineStatus status) {
    return status.state() == State.RUNNING
        && status.stream().connected()
        && status.stream().oldestUndelivered().isPresent()
        && status.stream().failure().isEmpty()
        && status.waits().isEmpty()
        && status.tables().values().stream().allMatch(table -> table.failure().isEmpty());
  }
}
