package dev.pgetl.spring;

import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.observe.ThreadStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a pipeline does not move although it should, so that only a restart of the process
 * helps. Owned by one thread.
 *
 * <p>Either a thread has worked for longer than the limit without a lap, at two looks in a row:
 * after a pause of the whole process, the first look finds all of them where they were before.
 *
 * <p>Or the threads wait for each other: a transaction was read and is not durable, nothing fails,
 * the pipeline waits for neither source, destination nor store, and no figure of its status changes
 * for longer than the limit.
 */
final class StallDetector {
  private final Duration limit;
  private final Duration meant;
  private Set<String> stuck = Set.of();
  private @Nullable List<Object> last;
  private long since;

  /**
   * Creates a detector.
   *
   * @param limit how long a thread may make no progress
   * @param meant how long data is held back on purpose
   */
  StallDetector(Duration limit, Duration meant) {
    this.limit = limit;
    this.meant = meant;
  }

  /**
   * {@return whether a thread that should move has not moved for longer than the limit}
   *
   * @param status as it is now; asked several times within the limit
   * @param nanos the time by a clock that does not jump
   */
  boolean isStalled(PipelineStatus status, long nanos) {
    boolean thread = isThreadStuck(status);
    return isStuckAltogether(status, nanos) || thread;
  }

  private boolean isThreadStuck(PipelineStatus status) {
    Set<String> before = stuck;
    stuck =
        status.stalledThreads(limit).stream()
            .map(ThreadStatus::name)
            .collect(Collectors.toUnmodifiableSet());
    return stuck.stream().anyMatch(before::contains);
  }

  private boolean isStuckAltogether(PipelineStatus status, long nanos) {
    List<Object> progress = mustMove(status) ? progress(status) : null;
    if (progress == null || !progress.equals(last)) {
      last = progress;
      since = nanos;
    }
    return progress != null && nanos - since > limit.plus(meant).toNanos();
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
