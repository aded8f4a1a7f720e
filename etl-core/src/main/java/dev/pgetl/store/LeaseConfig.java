package dev.pgetl.store;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline waits for others that run it, and takes over from them: {@link Builder} says what
 * each setting does. Needs a store with {@linkplain PipelineStore#leases() leases}. Immutable; made
 * by {@link #builder}.
 */
public final class LeaseConfig implements Standby {
  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofHours(1);

  private final String owner;
  private final Duration length;
  private final @Nullable Duration handOverAfter;

  private LeaseConfig(Builder from) {
    owner = from.owner;
    length = from.length;
    handOverAfter = from.handOverAfter;
  }

  /** {@return a builder} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return the name of this process as an owner} */
  public String owner() {
    return owner;
  }

  /** {@return how long a lease lasts without being renewed} */
  public Duration length() {
    return length;
  }

  /** {@return how long source or destination may be away before others get their turn} */
  public Optional<Duration> handOverAfter() {
    return Optional.ofNullable(handOverAfter);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LeaseConfig that
        && owner.equals(that.owner)
        && length.equals(that.length)
        && Objects.equals(handOverAfter, that.handOverAfter);
  }

  @Override
  public int hashCode() {
    return Objects.hash(owner, length, handOverAfter);
  }

  @Override
  public String toString() {
    return "LeaseConfig{owner="
        + owner
        + ", length="
        + length
        + ", handOverAfter="
        + handOverAfter
        + "}";
  }

  /** Builds a {@link LeaseConfig}. Not thread-safe. */
  public static final class Builder {
    private String owner = anyName();
    private Duration length = Duration.ofSeconds(10);
    private @Nullable Duration handOverAfter;

    private Builder() {}

    private static String anyName() {
      String host;
      try {
        host = InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        host = "unknown";
      }
      int random = ThreadLocalRandom.current().nextInt(0x10000);
      return String.format(Locale.ROOT, "%s/%d/%04x", host, ProcessHandle.current().pid(), random);
    }

    /**
     * Sets the name of this process as an owner, for logs and status; default the host, the number
     * of the process, and a random number. Two processes must not have the same.
     *
     * @param value not blank, at most 200 characters
     * @return this builder
     */
    public Builder owner(String value) {
      if (value.isBlank() || value.length() > 200) {
        throw new IllegalArgumentException("owner must have 1 to 200 characters");
      }
      owner = value;
      return this;
    }

    /**
     * Sets how long a lease lasts without being renewed; default 10 seconds. It is renewed every
     * third of that. So long others wait for a process that is paused or cut off; for one that has
     * ended they do not wait.
     *
     * @param value from 1 second to 1 hour
     * @return this builder
     */
    public Builder length(Duration value) {
      if (value.compareTo(LEAST) < 0 || value.compareTo(MOST) > 0) {
        throw new IllegalArgumentException("length must be from 1 second to 1 hour, is " + value);
      }
      length = value;
      return this;
    }

    /**
     * Sets how long the stream of the owner may fail, because it cannot reach the source or the
     * destination, before it gives the lease back; default never: another process would not reach
     * them either, and the status says what fails. Afterwards this process does not take the lease
     * for the same time, so that each process gets its turn.
     *
     * @param value at least 1 second
     * @return this builder
     */
    public Builder handOverAfter(Duration value) {
      if (value.compareTo(LEAST) < 0) {
        throw new IllegalArgumentException("handOverAfter must be at least 1 second, is " + value);
      }
      handOverAfter = value;
      return this;
    }

    /** {@return the configuration} */
    public LeaseConfig build() {
      return new LeaseConfig(this);
    }
  }
}
