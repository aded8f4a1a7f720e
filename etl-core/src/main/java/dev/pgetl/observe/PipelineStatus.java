package dev.pgetl.observe;

import dev.pgetl.schema.TableId;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

<<<<<<< HEAD
/** A snapshot of a pipeline; consistent per table, not across tables. Immutable. */
public final class PipelineStatus {
=======
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

>>>>>>> plain-docs
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

<<<<<<< HEAD
  private final State state;
  private final Map<TableId, TableStatus> tables;
  private final StreamStatus stream;
  private final long bufferedBytes;

  private PipelineStatus(Builder from) {
    state = from.state;
    tables = from.tables;
    stream = from.stream;
    bufferedBytes = from.bufferedBytes;
=======
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
>>>>>>> plain-docs
  }

  /**
   * {@return a builder of a pipeline without tables, whose stream has not begun}
   *
   * @param state what the pipeline does
<<<<<<< HEAD
=======
   * @param tables the status of each table
   * @param stream the apply worker's stream
   * @param bufferedBytes bytes held
>>>>>>> plain-docs
   */
  public static Builder builder(State state) {
    return new Builder(state);
  }

  /** {@return what the pipeline does} */
  public State state() {
    return state;
  }

  /** {@return the state of each table; unmodifiable} */
  public Map<TableId, TableStatus> tables() {
    return tables;
  }

  /** {@return the state of the main stream} */
  public StreamStatus stream() {
    return stream;
  }

  /** {@return bytes of rows and events held at the moment} */
  public long bufferedBytes() {
    return bufferedBytes;
  }

  /** {@return whether every table is {@code Ready}} */
  public boolean allReady() {
    return tables.values().stream().allMatch(TableStatus::isReady);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PipelineStatus that
        && state == that.state
        && tables.equals(that.tables)
        && stream.equals(that.stream)
        && bufferedBytes == that.bufferedBytes;
  }

  @Override
  public int hashCode() {
    return Objects.hash(state, tables, stream, bufferedBytes);
  }

  @Override
  public String toString() {
    return "PipelineStatus{state="
        + state
        + ", tables="
        + tables
        + ", stream="
        + stream
        + ", bufferedBytes="
        + bufferedBytes
        + "}";
  }

  /** Builds a {@link PipelineStatus}. Not thread-safe. */
  public static final class Builder {
    private final State state;
    private Map<TableId, TableStatus> tables = Map.of();
    private StreamStatus stream = StreamStatus.NONE;
    private long bufferedBytes;

    private Builder(State state) {
      this.state = Objects.requireNonNull(state, "state");
    }

    /**
     * Sets the state of each table; default no table.
     *
     * @param value the tables; is copied
     * @return this builder
     */
    public Builder tables(Map<TableId, TableStatus> value) {
      tables = Map.copyOf(value);
      return this;
    }

    /**
     * Sets the state of the main stream; default {@link StreamStatus#NONE}.
     *
     * @param value the stream
     * @return this builder
     */
    public Builder stream(StreamStatus value) {
      stream = Objects.requireNonNull(value, "stream");
      return this;
    }

    /**
     * Sets how many bytes of rows and events are held; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder bufferedBytes(long value) {
      bufferedBytes = Counts.requireNotNegative("bufferedBytes", value);
      return this;
    }

    /** {@return the status} */
    public PipelineStatus build() {
      return new PipelineStatus(this);
    }
  }
}
