package dev.pgetl.observe;

import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The state of the apply worker in a {@link PipelineStatus}. Immutable. */
public final class StreamStatus {
  /** A stream that has not begun. */
  public static final StreamStatus NONE = builder().build();

  private final boolean connected;
  private final Lsn receivedLsn;
  private final Lsn flushedLsn;
  private final Lsn serverLsn;
  private final long events;
  private final long bytes;
  private final long reconnects;
  private final Instant lastCommitTime;
  private final Duration delay;
  private final Instant lastProgress;
  private final @Nullable Instant oldestUndelivered;
  private final @Nullable FailureStatus failure;
  private final @Nullable SlotStatus slot;

  private StreamStatus(Builder from) {
    connected = from.connected;
    receivedLsn = from.receivedLsn;
    flushedLsn = from.flushedLsn;
    serverLsn = from.serverLsn;
    events = from.events;
    bytes = from.bytes;
    reconnects = from.reconnects;
    lastCommitTime = from.lastCommitTime;
    delay = from.delay;
    lastProgress = from.lastProgress;
    oldestUndelivered = from.oldestUndelivered;
    failure = from.failure;
    slot = from.slot;
  }

  /** {@return a builder of a stream that has not begun} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return whether it reads from the server at the moment} */
  public boolean connected() {
    return connected;
  }

  /** {@return how far it has read} */
  public Lsn receivedLsn() {
    return receivedLsn;
  }

  /** {@return how far everything is durable in the destination} */
  public Lsn flushedLsn() {
    return flushedLsn;
  }

  /**
   * {@return how far the server's WAL is, as last reported; requested every few seconds while
   * reading is stopped}
   */
  public Lsn serverLsn() {
    return serverLsn;
  }

  /** {@return events delivered since the start} */
  public long events() {
    return events;
  }

  /** {@return bytes of messages read since the start} */
  public long bytes() {
    return bytes;
  }

  /** {@return how often it connected again since the start} */
  public long reconnects() {
    return reconnects;
  }

  /**
   * {@return when the last transaction delivered was committed, by the server's clock; {@link
   * Instant#EPOCH} if none}
   */
  public Instant lastCommitTime() {
    return lastCommitTime;
  }

  /**
   * {@return how long after its commit the last transaction was delivered; if one that was read
   * waits for longer than that, how long it has}
   */
  public Duration delay() {
    return delay;
  }

  /**
   * {@return bytes of WAL the server has written that are not durable in the destination; empty if
   * the stream is not connected, as it is not known then}
   */
  public OptionalLong lagBytes() {
    return connected ? OptionalLong.of(serverLsn.bytesSince(flushedLsn)) : OptionalLong.empty();
  }

  /** {@return when the durable position moved last; {@link Instant#EPOCH} if it has not} */
  public Instant lastProgress() {
    return lastProgress;
  }

  /**
   * {@return when the oldest transaction was committed that has been read and is not durable in the
   * destination, by the server's clock; empty if there is none}
   */
  public Optional<Instant> oldestUndelivered() {
    return Optional.ofNullable(oldestUndelivered);
  }

  /** {@return what fails at the moment: the connection, the destination or the store} */
  public Optional<FailureStatus> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * {@return the slot, as it was seen last, at most about 10 seconds ago; empty if it could not be
   * seen}
   */
  public Optional<SlotStatus> slot() {
    return Optional.ofNullable(slot);
  }

  /** The parts by name, for {@code equals}, {@code hashCode} and {@code toString}. */
  private Map<String, @Nullable Object> parts() {
    Map<String, @Nullable Object> parts = new LinkedHashMap<>();
    parts.put("connected", connected);
    parts.put("receivedLsn", receivedLsn);
    parts.put("flushedLsn", flushedLsn);
    parts.put("serverLsn", serverLsn);
    parts.put("events", events);
    parts.put("bytes", bytes);
    parts.put("reconnects", reconnects);
    parts.put("lastCommitTime", lastCommitTime);
    parts.put("delay", delay);
    parts.put("lastProgress", lastProgress);
    parts.put("oldestUndelivered", oldestUndelivered);
    parts.put("failure", failure);
    parts.put("slot", slot);
    return parts;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StreamStatus that && parts().equals(that.parts());
  }

  @Override
  public int hashCode() {
    return parts().hashCode();
  }

  @Override
  public String toString() {
    return "StreamStatus" + parts();
  }

  /** Builds a {@link StreamStatus}. Not thread-safe. */
  public static final class Builder {
    private boolean connected;
    private Lsn receivedLsn = Lsn.ZERO;
    private Lsn flushedLsn = Lsn.ZERO;
    private Lsn serverLsn = Lsn.ZERO;
    private long events;
    private long bytes;
    private long reconnects;
    private Instant lastCommitTime = Instant.EPOCH;
    private Duration delay = Duration.ZERO;
    private Instant lastProgress = Instant.EPOCH;
    private @Nullable Instant oldestUndelivered;
    private @Nullable FailureStatus failure;
    private @Nullable SlotStatus slot;

    private Builder() {}

    /**
     * Sets whether the stream reads from the server; default false.
     *
     * @param value true if it does
     * @return this builder
     */
    public Builder connected(boolean value) {
      connected = value;
      return this;
    }

    /**
     * Sets how far the stream has read; default {@link Lsn#ZERO}.
     *
     * @param value the position
     * @return this builder
     */
    public Builder receivedLsn(Lsn value) {
      receivedLsn = Objects.requireNonNull(value, "receivedLsn");
      return this;
    }

    /**
     * Sets how far everything is durable; default {@link Lsn#ZERO}.
     *
     * @param value the position
     * @return this builder
     */
    public Builder flushedLsn(Lsn value) {
      flushedLsn = Objects.requireNonNull(value, "flushedLsn");
      return this;
    }

    /**
     * Sets how far the server's WAL is; default {@link Lsn#ZERO}.
     *
     * @param value the position
     * @return this builder
     */
    public Builder serverLsn(Lsn value) {
      serverLsn = Objects.requireNonNull(value, "serverLsn");
      return this;
    }

    /**
     * Sets how many events were delivered; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder events(long value) {
      events = Counts.requireNotNegative("events", value);
      return this;
    }

    /**
     * Sets how many bytes of messages were read; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder bytes(long value) {
      bytes = Counts.requireNotNegative("bytes", value);
      return this;
    }

    /**
     * Sets how often the stream connected again; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder reconnects(long value) {
      reconnects = Counts.requireNotNegative("reconnects", value);
      return this;
    }

    /**
     * Sets when the last transaction was committed; default {@link Instant#EPOCH}, none.
     *
     * @param value the time, by the server's clock
     * @return this builder
     */
    public Builder lastCommitTime(Instant value) {
      lastCommitTime = Objects.requireNonNull(value, "lastCommitTime");
      return this;
    }

    /**
     * Sets when the durable position moved last; default {@link Instant#EPOCH}, never.
     *
     * @param value the time
     * @return this builder
     */
    public Builder lastProgress(Instant value) {
      lastProgress = Objects.requireNonNull(value, "lastProgress");
      return this;
    }

    /**
     * Sets when the oldest transaction was committed that is not durable; default null, none.
     *
     * @param value the time, by the server's clock
     * @return this builder
     */
    public Builder oldestUndelivered(@Nullable Instant value) {
      oldestUndelivered = value;
      return this;
    }

    /**
     * Sets what fails at the moment; default null, nothing.
     *
     * @param value the failure
     * @return this builder
     */
    public Builder failure(@Nullable FailureStatus value) {
      failure = value;
      return this;
    }

    /**
     * Sets how much WAL is kept for the slot; default null, not known.
     *
     * @param value the slot
     * @return this builder
     */
    public Builder slot(@Nullable SlotStatus value) {
      slot = value;
      return this;
    }

    /**
     * Sets how long after its commit the last transaction was delivered; default zero.
     *
     * @param value the delay; negative if the server's clock is ahead
     * @return this builder
     */
    public Builder delay(Duration value) {
      delay = Objects.requireNonNull(value, "delay");
      return this;
    }

    /** {@return the status} */
    public StreamStatus build() {
      return new StreamStatus(this);
    }
  }
}
