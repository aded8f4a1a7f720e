package dev.pgetl.observe;

import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * A snapshot of a pipeline; cheap to make, consistent per table, not across tables.
 *
 * @param state what the pipeline does
 * @param tables the status of each table
 * @param stream the apply worker's stream
 * @param bufferedBytes bytes of rows and events held at the moment
 */
public record PipelineStatus(
    State state, Map<TableId, TableStatus> tables, StreamStatus stream, long bufferedBytes) {

  /** What a pipeline does. */
  public enum State {
    /** Made, not started. */
    CREATED,
    /** Checks the source and creates what it needs. */
    STARTING,
    /** Workers run. */
    RUNNING,
    /** Was asked to stop and is finishing. */
    STOPPING,
    /** Ended cleanly. */
    STOPPED,
    /** Ended by a failure. */
    FAILED
  }

  /**
   * The apply worker's stream.
   *
   * @param connected whether it reads from the server at the moment
   * @param receivedLsn its read position
   * @param flushedLsn the position up to which everything is durable in the destination
   * @param serverLsn the end of the server's WAL, as last reported; queried every few seconds while
   *     reading is paused
   * @param events events delivered since the start
   * @param bytes bytes of messages read since the start
   * @param reconnects how often it connected again since the start
   * @param lastCommitTime when the last transaction delivered was committed, by the server's clock;
   *     {@link Instant#EPOCH} if none
   * @param delay how long after its commit the last transaction was durable
   */
  public record StreamStatus(
      boolean connected,
      Lsn receivedLsn,
      Lsn flushedLsn,
      Lsn serverLsn,
      long events,
      long bytes,
      long reconnects,
      Instant lastCommitTime,
      Duration delay) {
    /** A stream that has not begun. */
    public static final StreamStatus NONE =
        new StreamStatus(
            false, Lsn.ZERO, Lsn.ZERO, Lsn.ZERO, 0, 0, 0, Instant.EPOCH, Duration.ZERO);

    /**
     * Checks that all is there.
     *
     * @param connected whether it reads
     * @param receivedLsn its read position
     * @param flushedLsn how far everything is durable
     * @param serverLsn how far the server is
     * @param events events delivered
     * @param bytes bytes read
     * @param reconnects how often it connected again
     * @param lastCommitTime when the last transaction was committed
     * @param delay how long it took
     */
    public StreamStatus {
      Objects.requireNonNull(receivedLsn, "receivedLsn");
      Objects.requireNonNull(flushedLsn, "flushedLsn");
      Objects.requireNonNull(serverLsn, "serverLsn");
      Objects.requireNonNull(lastCommitTime, "lastCommitTime");
      Objects.requireNonNull(delay, "delay");
    }

    /** {@return bytes of WAL the server has written that are not durable in the destination} */
    public long lagBytes() {
      return serverLsn.bytesSince(flushedLsn);
    }
  }

  /**
   * Copies the map.
   *
   * @param state what the pipeline does
   * @param tables the status of each table
   * @param stream the apply worker's stream
   * @param bufferedBytes bytes held
   */
  public PipelineStatus {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(stream, "stream");
    tables = Map.copyOf(tables);
  }

  /** {@return whether every table is {@code Ready}} */
  public boolean allReady() {
    return tables.values().stream().allMatch(TableStatus::isReady);
  }
}
