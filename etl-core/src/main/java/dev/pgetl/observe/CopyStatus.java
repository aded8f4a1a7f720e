package dev.pgetl.observe;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All copies of a pipeline together in a {@link PipelineStatus}: those that are at work or wait,
 * and those that are complete since the last time that there was none. What they will have is
 * estimated; tables whose size is not known yet are left out of it. Immutable.
 */
public final class CopyStatus {
  /** No copy has begun. */
  public static final CopyStatus NONE = builder().build();

  private final int tables;
  private final int tablesLeft;
  private final long copiedRows;
  private final long expectedRows;
  private final long copiedBytes;
  private final long expectedBytes;
  private final @Nullable Duration remaining;

  private CopyStatus(Builder from) {
    tables = from.tables;
    tablesLeft = from.tablesLeft;
    copiedRows = from.copiedRows;
    expectedRows = from.expectedRows;
    copiedBytes = from.copiedBytes;
    expectedBytes = from.expectedBytes;
    remaining = from.remaining;
  }

  /** {@return a builder of a pipeline that copies nothing} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return how many tables are copied} */
  public int tables() {
    return tables;
  }

  /** {@return how many of them are not complete} Without those that come back by a resync only. */
  public int tablesLeft() {
    return tablesLeft;
  }

  /** {@return rows that the destination has taken, those before an interruption included} */
  public long copiedRows() {
    return copiedRows;
  }

  /** {@return how many rows all of the tables are expected to have} */
  public long expectedRows() {
    return expectedRows;
  }

  /** {@return bytes of the rows that the destination has taken, as Postgres sent them} */
  public long copiedBytes() {
    return copiedBytes;
  }

  /** {@return how many bytes the rows of all tables are expected to have} */
  public long expectedBytes() {
    return expectedBytes;
  }

  /**
   * {@return how long it is expected to take until all tables are copied; empty while nothing
   * sensible can be said: in the first seconds, and some seconds after a {@link
   * dev.pgetl.config.CopyLimit} was raised or lifted}
   */
  public Optional<Duration> remaining() {
    return Optional.ofNullable(remaining);
  }

  /** The parts by name, for {@code equals}, {@code hashCode} and {@code toString}. */
  private Map<String, @Nullable Object> parts() {
    Map<String, @Nullable Object> parts = new LinkedHashMap<>();
    parts.put("tables", tables);
    parts.put("tablesLeft", tablesLeft);
    parts.put("copiedRows", copiedRows);
    parts.put("expectedRows", expectedRows);
    parts.put("copiedBytes", copiedBytes);
    parts.put("expectedBytes", expectedBytes);
    parts.put("remaining", remaining);
    return parts;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CopyStatus that && parts().equals(that.parts());
  }

  @Override
  public int hashCode() {
    return parts().hashCode();
  }

  @Override
  public String toString() {
    return "CopyStatus" + parts();
  }

  /** Builds a {@link CopyStatus}. Not thread-safe. */
  public static final class Builder {
    private int tables;
    private int tablesLeft;
    private long copiedRows;
    private long expectedRows;
    private long copiedBytes;
    private long expectedBytes;
    private @Nullable Duration remaining;

    private Builder() {}

    /**
     * Sets how many tables are copied; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder tables(int value) {
      tables = (int) Counts.requireNotNegative("tables", value);
      return this;
    }

    /**
     * Sets how many of them are not complete; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder tablesLeft(int value) {
      tablesLeft = (int) Counts.requireNotNegative("tablesLeft", value);
      return this;
    }

    /**
     * Sets how many rows the destination has taken; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder copiedRows(long value) {
      copiedRows = Counts.requireNotNegative("copiedRows", value);
      return this;
    }

    /**
     * Sets how many rows all of the tables have; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder expectedRows(long value) {
      expectedRows = Counts.requireNotNegative("expectedRows", value);
      return this;
    }

    /**
     * Sets the bytes of the rows that the destination has taken; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder copiedBytes(long value) {
      copiedBytes = Counts.requireNotNegative("copiedBytes", value);
      return this;
    }

    /**
     * Sets the bytes of all rows; default 0.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder expectedBytes(long value) {
      expectedBytes = Counts.requireNotNegative("expectedBytes", value);
      return this;
    }

    /**
     * Sets how long it is expected to take until all tables are copied; default null, not known.
     *
     * @param value the time; null if it is not known
     * @return this builder
     */
    public Builder remaining(@Nullable Duration value) {
      if (value != null && value.isNegative()) {
        throw new IllegalArgumentException("remaining must not be negative, is " + value);
      }
      remaining = value;
      return this;
    }

    /** {@return the status} */
    public CopyStatus build() {
      return new CopyStatus(this);
    }
  }
}
