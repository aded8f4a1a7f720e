package dev.pgetl.observe;

import dev.pgetl.forecast.WalForecast;
import dev.pgetl.schema.TableId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A snapshot of a pipeline; consistent per table, not across tables. Immutable. */
public final class PipelineStatus {
  /** What a pipeline does. */
  public enum State {
    /** Made, not started. */
    CREATED,
    /** Checks the source and creates what it needs. */
    STARTING,
    /**
     * Waits, because another process owns the pipeline. Healthy, and ready in the sense of a
     * rollout: it takes over when its turn comes.
     */
    STANDBY,
    /** Workers run. */
    RUNNING,
    /**
     * Workers run and call the destination no more, until {@link dev.pgetl.Pipeline#resume()}. What
     * it owns is kept.
     */
    PAUSED,
    /** Was asked to stop and is finishing. */
    STOPPING,
    /** Ended cleanly. */
    STOPPED,
    /** Ended by a failure. */
    FAILED
  }

  private final State state;
  private final Map<TableId, TableStatus> tables;
  private final StreamStatus stream;
  private final CopyStatus copies;
  private final WalForecast walForecast;
  private final long bufferedBytes;
  private final List<WaitStatus> waits;
  private final List<ThreadStatus> threads;
  private final @Nullable FailureStatus failure;
  private final String owner;
  private final @Nullable Instant pausedSince;

  private PipelineStatus(Builder from) {
    state = from.state;
    tables = from.tables;
    stream = from.stream;
    copies = from.copies;
    walForecast = from.walForecast;
    bufferedBytes = from.bufferedBytes;
    waits = from.waits;
    threads = from.threads;
    failure = from.failure;
    owner = from.owner;
    pausedSince = from.pausedSince;
  }

  /**
   * {@return a builder of a pipeline without tables, whose stream has not begun}
   *
   * @param state what the pipeline does
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

  /** {@return the state of the apply worker} */
  public StreamStatus stream() {
    return stream;
  }

  /** {@return how far all copies are together, and how long the rest of them takes} */
  public CopyStatus copies() {
    return copies;
  }

  /**
   * {@return when the first of the pipeline's slots is lost, if the WAL it holds grows as now; as
   * of the last sample, which is at most about 10 seconds old}
   */
  public WalForecast walForecast() {
    return walForecast;
  }

  /** {@return bytes of rows and events held at the moment} */
  public long bufferedBytes() {
    return bufferedBytes;
  }

  /**
   * {@return what the pipeline waits for: calls of the destination and the store that have not
   * returned, rows of copies, and a source that was asked for a sign of life; the longest wait
   * first} Almost every moment of its work has short ones.
   */
  public List<WaitStatus> waits() {
    return waits;
  }

  /** {@return what the threads of the pipeline do, by name; unmodifiable} */
  public List<ThreadStatus> threads() {
    return threads;
  }

  /**
   * {@return the threads that should move and have not for longer than a limit, for a liveness
   * check; a thread that waits for source, destination, store, a lock or work is none of them}
   *
   * @param limit how long a thread may work without a lap; not below a minute where the process may
   *     be suspended for a while
   */
  public List<ThreadStatus> stalledThreads(Duration limit) {
    return threads.stream().filter(thread -> thread.isStalled(limit)).toList();
  }

  /**
   * {@return why the pipeline has failed, or why a {@code STANDBY} could not take over now; empty
   * otherwise}
   */
  public Optional<FailureStatus> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * {@return the process that owns the pipeline while this one is {@code STANDBY}; empty if it is
   * not, or the owner has no name}
   */
  public Optional<String> owner() {
    return owner.isEmpty() ? Optional.empty() : Optional.of(owner);
  }

  /** {@return since when the pipeline is {@code PAUSED}; empty if it is not} */
  public Optional<Instant> pausedSince() {
    return Optional.ofNullable(pausedSince);
  }

  /**
   * {@return whether the pipeline runs, its stream is connected, and every table is {@code Ready};
   * never so if it only copies}
   */
  public boolean allReady() {
    return state == State.RUNNING
        && stream.connected()
        && tables.values().stream().allMatch(TableStatus::isReady);
  }

  /** {@return how the pipeline is, for a health check, with {@link Health#STALL_LIMIT}} */
  public Health health() {
    return health(Health.STALL_LIMIT);
  }

  /**
   * {@return how the pipeline is, for a health check}
   *
   * @param stallLimit how long it may wait for something until that is reported
   */
  public Health health(Duration stallLimit) {
    return Health.of(this, stallLimit);
  }

  /** {@return the tables that have failed and come back only by a resync, by name} */
  public List<TableStatus> failedTables() {
    return tables.values().stream()
        .filter(TableStatus::needsResync)
        .sorted(Comparator.comparing(table -> table.name().toString()))
        .toList();
  }

  /** {@return the tables that are paused, by name} */
  public List<TableStatus> pausedTables() {
    return tables.values().stream()
        .filter(table -> table.pausedSince().isPresent())
        .sorted(Comparator.comparing(table -> table.name().toString()))
        .toList();
  }

  /** {@return the tables that have events in quarantine, by name} */
  public List<TableStatus> quarantinedTables() {
    return tables.values().stream()
        .filter(table -> table.quarantine().isPresent())
        .sorted(Comparator.comparing(table -> table.name().toString()))
        .toList();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PipelineStatus that
        && state == that.state
        && tables.equals(that.tables)
        && stream.equals(that.stream)
        && copies.equals(that.copies)
        && walForecast.equals(that.walForecast)
        && bufferedBytes == that.bufferedBytes
        && waits.equals(that.waits)
        && threads.equals(that.threads)
        && Objects.equals(failure, that.failure)
        && owner.equals(that.owner)
        && Objects.equals(pausedSince, that.pausedSince);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        state,
        tables,
        stream,
        copies,
        walForecast,
        bufferedBytes,
        waits,
        threads,
        failure,
        owner,
        pausedSince);
  }

  @Override
  public String toString() {
    return "PipelineStatus{state="
        + state
        + ", tables="
        + tables
        + ", stream="
        + stream
        + ", copies="
        + copies
        + ", walForecast="
        + walForecast
        + ", bufferedBytes="
        + bufferedBytes
        + ", waits="
        + waits
        + ", threads="
        + threads
        + ", failure="
        + failure
        + ", owner="
        + owner
        + ", pausedSince="
        + pausedSince
        + "}";
  }

  /** Builds a {@link PipelineStatus}. Not thread-safe. */
  public static final class Builder {
    private final State state;
    private Map<TableId, TableStatus> tables = Map.of();
    private StreamStatus stream = StreamStatus.NONE;
    private CopyStatus copies = CopyStatus.NONE;
    private WalForecast walForecast = WalForecast.UNKNOWN;
    private long bufferedBytes;
    private List<WaitStatus> waits = List.of();
    private List<ThreadStatus> threads = List.of();
    private @Nullable FailureStatus failure;
    private String owner = "";
    private @Nullable Instant pausedSince;

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
     * Sets the state of the apply worker; default {@link StreamStatus#NONE}.
     *
     * @param value the stream
     * @return this builder
     */
    public Builder stream(StreamStatus value) {
      stream = Objects.requireNonNull(value, "stream");
      return this;
    }

    /**
     * Sets how far all copies are together; default {@link CopyStatus#NONE}.
     *
     * @param value the copies
     * @return this builder
     */
    public Builder copies(CopyStatus value) {
      copies = Objects.requireNonNull(value, "copies");
      return this;
    }

    /**
     * Sets when the first slot is lost; default {@link WalForecast#UNKNOWN}.
     *
     * @param value the forecast
     * @return this builder
     */
    public Builder walForecast(WalForecast value) {
      walForecast = Objects.requireNonNull(value, "walForecast");
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

    /**
     * Sets what the pipeline waits for; default nothing.
     *
     * @param value the waits, the longest one first; is copied
     * @return this builder
     */
    public Builder waits(List<WaitStatus> value) {
      waits = List.copyOf(value);
      return this;
    }

    /**
     * Sets what its threads do; default no thread.
     *
     * @param value the threads, by name; is copied
     * @return this builder
     */
    public Builder threads(List<ThreadStatus> value) {
      threads = List.copyOf(value);
      return this;
    }

    /**
     * Sets why the pipeline has failed; default null, it has not.
     *
     * @param value the failure
     * @return this builder
     */
    public Builder failure(@Nullable FailureStatus value) {
      failure = value;
      return this;
    }

    /**
     * Sets which process owns the pipeline while this one waits; default empty.
     *
     * @param value its name
     * @return this builder
     */
    public Builder owner(String value) {
      owner = Objects.requireNonNull(value, "owner");
      return this;
    }

    /**
     * Sets since when the pipeline is paused; default null, it is not.
     *
     * @param value the time
     * @return this builder
     */
    public Builder pausedSince(@Nullable Instant value) {
      pausedSince = value;
      return this;
    }

    /** {@return the status} */
    public PipelineStatus build() {
      return new PipelineStatus(this);
    }
  }
}
