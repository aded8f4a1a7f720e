package dev.pgetl.spring;

import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.TableStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a thread of a pipeline does not move although it has work: a transaction was read
 * and is not durable, nothing fails, the pipeline waits for neither source, destination nor store,
 * and no figure of its status changes for longer than the limit. Only a restart of the process
 * helps then. Owned by one thread.
 */
final class StallDetector {
  private final Duration limit;
  private @Nullable List<Object> last;
  private long since;

  /**
   * Creates a detector.
   *
   * @param limit how long a thread may make no progress
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
    List<Object> progress = mustMove(status) ? progress(status) : null;
    if (progress == null || !progress.equals(last)) {
      last = progress;
      since = nanos;
    }
    return progress != null && nanos - since > limit.toNanos();
  }

  /** What changes when anything moves. */
  private static List<Object> progress(PipelineStatus status) {
    StreamStatus stream = status.stream();
    List<Object> progress = new ArrayList<>();
    progress.addAll(List.of(stream.receivedLsn(), stream.flushedLsn()));
    progress.addAll(List.of(stream.events(), stream.bytes(), status.bufferedBytes()));
    for (TableStatus table : status.tables().values()) {
      progress.addAll(List.of(table.id(), table.phase(), table.copiedRows(), table.copiedBytes()));
    }
    return progress;
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
