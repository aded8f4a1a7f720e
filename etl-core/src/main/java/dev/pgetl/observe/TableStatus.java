package dev.pgetl.observe;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state of one table in a {@link PipelineStatus}. Immutable. */
public final class TableStatus {
  private final TableId id;
  private final TableName name;
  private final TableReplicationPhase phase;
  private final long copiedRows;
  private final long copiedBytes;
  private final long estimatedRows;
  private final EventCounts events;
  private final @Nullable String difference;
  private final @Nullable FailureStatus failure;
  private final @Nullable SlotStatus slot;
  private final @Nullable QuarantineStatus quarantine;

  private TableStatus(Builder from) {
    id = from.id;
    name = from.name;
    phase = from.phase;
    copiedRows = from.copiedRows;
    copiedBytes = from.copiedBytes;
    estimatedRows = from.estimatedRows;
    events = from.events;
    difference = from.difference;
    failure = from.failure;
    slot = from.slot;
    quarantine = from.quarantine;
  }

  /**
   * {@return a builder of a table of which nothing is copied}
   *
   * @param id the table
   * @param name its name as last known
   * @param phase its phase
   */
  public static Builder builder(TableId id, TableName name, TableReplicationPhase phase) {
    return new Builder(id, name, phase);
  }

  /** {@return the table} */
  public TableId id() {
    return id;
  }

  /** {@return its name as last known} */
  public TableName name() {
    return name;
  }

  /** {@return its phase, {@code SyncWait} and {@code Catchup} included} */
  public TableReplicationPhase phase() {
    return phase;
  }

  /**
   * {@return rows of the current or last copy that the destination took} After a restart, those of
   * a copy that continues, otherwise 0.
   */
  public long copiedRows() {
    return copiedRows;
  }

  /** {@return their bytes as Postgres sent them} */
  public long copiedBytes() {
    return copiedBytes;
  }

  /**
   * {@return about how many rows the copy will have, by a sample of the table, or by the planner's
   * statistics if it is small; -1 if not known}
   */
  public long estimatedRows() {
    return estimatedRows;
  }

  /**
   * {@return how many of its events the destination took, since this process began with the table}
   */
  public EventCounts events() {
    return events;
  }

  /**
   * {@return why the destination may differ from the source although the table is streamed; empty
   * if nothing is known to} {@link dev.pgetl.Pipeline#resync} makes it equal again.
   */
  public Optional<String> difference() {
    return Optional.ofNullable(difference);
  }

  /**
   * {@return what has failed in the table's copy or its own stream, and has not succeeded since;
   * for a failure of an earlier process, {@code since} is when this one started}
   */
  public Optional<FailureStatus> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * {@return the table's own slot, which holds the log behind its copy until the apply worker owns
   * the table, or while the table is paused, as it was seen last, at most about 10 seconds ago;
   * empty if there is none}
   */
  public Optional<SlotStatus> slot() {
    return Optional.ofNullable(slot);
  }

  /**
   * {@return what is in quarantine of the table, without any value of its rows; empty if nothing
   * is} See {@link dev.pgetl.quarantine.QuarantiningDestination#replay}.
   */
  public Optional<QuarantineStatus> quarantine() {
    return Optional.ofNullable(quarantine);
  }

  /** {@return whether the apply worker owns the table} */
  public boolean isReady() {
    return phase instanceof TableReplicationPhase.Ready;
  }

  /** {@return since when the table is paused; empty if it is not} */
  public Optional<Instant> pausedSince() {
    return phase instanceof TableReplicationPhase.Paused paused
        ? Optional.of(paused.since())
        : Optional.empty();
  }

  /** {@return whether the table has failed and comes back only by a resync} */
  public boolean needsResync() {
    return phase instanceof TableReplicationPhase.Errored errored
        && errored.retryDirective() != RetryDirective.TIMED;
  }

  /**
   * {@return the same status with what is in quarantine of the table}
   *
   * @param value what is there
   */
  public TableStatus withQuarantine(QuarantineStatus value) {
    return new Builder(id, name, phase)
        .copiedRows(copiedRows)
        .copiedBytes(copiedBytes)
        .estimatedRows(estimatedRows)
        .events(events)
        .difference(difference)
        .failure(failure)
        .slot(slot)
        .quarantine(value)
        .build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TableStatus that
        && id.equals(that.id)
        && name.equals(that.name)
        && phase.equals(that.phase)
        && copiedRows == that.copiedRows
        && copiedBytes == that.copiedBytes
        && estimatedRows == that.estimatedRows
        && events.equals(that.events)
        && Objects.equals(difference, that.difference)
        && Objects.equals(failure, that.failure)
        && Objects.equals(slot, that.slot)
        && Objects.equals(quarantine, that.quarantine);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        id,
        name,
        phase,
        copiedRows,
        copiedBytes,
        estimatedRows,
        events,
        difference,
        failure,
        slot,
        quarantine);
  }

  @Override
  public String toString() {
    return "TableStatus{id="
        + id
        + ", name="
        + name
        + ", phase="
        + phase
        + ", copiedRows="
        + copiedRows
        + ", copiedBytes="
        + copiedBytes
        + ", estimatedRows="
        + estimatedRows
        + ", events="
        + events
        + ", difference="
        + difference
        + ", failure="
        + failure
        + ", slot="
        + slot
        + ", quarantine="
        + quarantine
        + "}";
  }

  /** Builds a {@link TableStatus}. Not thread-safe. */
  public static final class Builder {
    private final TableId id;
    private final TableName name;
    private final TableReplicationPhase phase;
    private long copiedRows;
    private long copiedBytes;
    private long estimatedRows = -1;
    private EventCounts events = EventCounts.NONE;
    private @Nullable String difference;
    private @Nullable SlotStatus slot;
    private @Nullable FailureStatus failure;
    private @Nullable QuarantineStatus quarantine;

    private Builder(TableId id, TableName name, TableReplicationPhase phase) {
      this.id = Objects.requireNonNull(id, "id");
      this.name = Objects.requireNonNull(name, "name");
      this.phase = Objects.requireNonNull(phase, "phase");
    }

    /**
     * Sets how many rows of the copy the destination took; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder copiedRows(long value) {
      copiedRows = Counts.requireNotNegative("copiedRows", value);
      return this;
    }

    /**
     * Sets the bytes of those rows; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder copiedBytes(long value) {
      copiedBytes = Counts.requireNotNegative("copiedBytes", value);
      return this;
    }

    /**
     * Sets how many rows the copy will have; default -1, not known.
     *
     * @param value at least -1
     * @return this builder
     */
    public Builder estimatedRows(long value) {
      estimatedRows = Counts.requireAtLeast(-1, "estimatedRows", value);
      return this;
    }

    /**
     * Sets how many events the destination took; default {@link EventCounts#NONE}.
     *
     * @param value the counts
     * @return this builder
     */
    public Builder events(EventCounts value) {
      events = Objects.requireNonNull(value, "events");
      return this;
    }

    /**
     * Sets why the destination may differ from the source; default null, nothing is known.
     *
     * @param value the reason; null if nothing is known
     * @return this builder
     */
    public Builder difference(@Nullable String value) {
      difference = value;
      return this;
    }

    /**
     * Sets what has failed and not succeeded since; default null, nothing.
     *
     * @param value the failure
     * @return this builder
     */
    public Builder failure(@Nullable FailureStatus value) {
      failure = value;
      return this;
    }

    /**
     * Sets the table's own slot; default null, none.
     *
     * @param value the slot
     * @return this
     */
    public Builder slot(@Nullable SlotStatus value) {
      slot = value;
      return this;
    }

    /**
     * Sets what is in quarantine of the table; default null, nothing.
     *
     * @param value what is there
     * @return this builder
     */
    public Builder quarantine(@Nullable QuarantineStatus value) {
      quarantine = value;
      return this;
    }

    /** {@return the status} */
    public TableStatus build() {
      return new TableStatus(this);
    }
  }
}
