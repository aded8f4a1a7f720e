package dev.pgetl.config;

import dev.pgetl.internal.settings.Problems;
import java.time.Duration;
import java.util.Objects;

/**
 * How rows and events are gathered into calls of the destination.
 *
 * <p>Batches form by themselves: while the destination works, the next batch grows; when it is
 * idle, what is there goes out at once. The limits below bound a batch; {@link #maxFill} delays it
 * on purpose.
 *
 * @param maxSize see {@link Builder#maxSize}
 * @param maxBytes see {@link Builder#maxBytes}
 * @param maxFill see {@link Builder#maxFill}
 * @param maxAcceptedAge see {@link Builder#maxAcceptedAge}
 */
public record BatchConfig(int maxSize, long maxBytes, Duration maxFill, Duration maxAcceptedAge) {
  /** 10,000 events, 8 MiB, no delay, flush of accepted data after 5 seconds. */
  public static final BatchConfig DEFAULT = builder().build();

  public BatchConfig {
    Objects.requireNonNull(maxFill, "maxFill");
    Objects.requireNonNull(maxAcceptedAge, "maxAcceptedAge");
    Problems problems = new Problems();
    problems.requirePositive("batch.maxSize", maxSize);
    problems.requirePositive("batch.maxBytes", maxBytes);
    problems.requireNotNegative("batch.maxFill", maxFill);
    problems.requirePositive("batch.maxAcceptedAge", maxAcceptedAge);
    problems.throwIfAny("BatchConfig");
  }

  /** {@return a builder with the defaults} */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link BatchConfig}. Not thread-safe. */
  public static final class Builder {
    private int maxSize = 10_000;
    private long maxBytes = 8L << 20;
    private Duration maxFill = Duration.ZERO;
    private Duration maxAcceptedAge = Duration.ofSeconds(5);

    private Builder() {}

    /**
     * Sets the most rows or events in a batch; default 10,000.
     *
     * @param value positive
     * @return this builder
     */
    public Builder maxSize(int value) {
      maxSize = value;
      return this;
    }

    /**
     * Sets the most bytes in a batch, the library's own overhead included; default 8 MiB. A single
     * larger row passes alone.
     *
     * @param value positive
     * @return this builder
     */
    public Builder maxBytes(long value) {
      maxBytes = value;
      return this;
    }

    /**
     * Sets how long a batch waits for more, for destinations that want large batches; default zero,
     * no wait.
     *
     * @param value not negative, at most 365 days
     * @return this builder
     */
    public Builder maxFill(Duration value) {
      maxFill = value;
      return this;
    }

    /**
     * Sets how long accepted data stays without a {@code flush()}; default 5 seconds.
     *
     * @param value positive, at most 365 days
     * @return this builder
     */
    public Builder maxAcceptedAge(Duration value) {
      maxAcceptedAge = value;
      return this;
    }

    /**
     * {@return the configuration}
     *
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public BatchConfig build() {
      return new BatchConfig(maxSize, maxBytes, maxFill, maxAcceptedAge);
    }
  }
}
