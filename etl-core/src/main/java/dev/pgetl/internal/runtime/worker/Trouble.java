package dev.pgetl.internal.runtime.worker;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What fails at the moment in one place, for the status, the log and the listener. Thread-safe;
 * changed by one thread at a time.
 */
public final class Trouble {
  private static final Logger LOG = LoggerFactory.getLogger(Trouble.class);

  private final PipelineListener listener;
  private final InstantSource clock;
  private volatile @Nullable FailureStatus now;

  /** Creates a place where nothing fails. */
  public Trouble(PipelineListener listener, InstantSource clock) {
    this.listener = listener;
    this.clock = clock;
  }

  /** A call failed and is retried: says so in the log and to the listener, too. */
  public void retrying(EtlException failure, int attempt, Duration delay) {
    LOG.warn(
        "retrying in {} ms (attempt {}): {}: {}",
        delay.toMillis(),
        attempt,
        failure.kind(),
        failure.getMessage());
    failed(failure, attempt, delay);
    listener.onRetry(failure, attempt, delay);
  }

  /** Something failed that is retried until it succeeds: says so once in the log. */
  public void waiting(EtlException failure, int attempt, Duration delay) {
    if (now == null) {
      LOG.warn("{}: {}", failure.kind(), failure.getMessage());
      listener.onRetry(failure, attempt, delay);
    }
    failed(failure, attempt, delay);
  }

  /**
   * Something failed, and others say so.
   *
   * @param delay how long until it is retried; null if it is not
   */
  public void failed(EtlException failure, int attempt, @Nullable Duration delay) {
    FailureStatus before = now;
    Instant at = clock.instant();
    now =
        new FailureStatus(
            failure.kind(),
            failure.getMessage(),
            before == null ? at : before.since(),
            attempt,
            delay == null ? null : at.plus(delay));
  }

  /**
   * {@return how many times in a row it fails with the next failure} Those of an outage do not
   * count against a failure of another sort.
   *
   * @param failures how often it has failed in a row before
   */
  public int attempt(ErrorKind next, int failures) {
    FailureStatus last = now;
    boolean outage = last != null && last.kind().isTemporary() && !next.isTemporary();
    return outage ? 1 : failures + 1;
  }

  /** A failure of an earlier process. */
  public void known(Errored errored) {
    ErrorKind kind = errored.kind();
    if (kind != null) {
      EtlException failure = new EtlException(kind, errored.reason()).withFix(errored.solution());
      failed(failure, errored.attempt(), null);
    }
  }

  /** What failed has succeeded; does nothing if nothing failed. */
  public void over() {
    FailureStatus before = now;
    if (before != null) {
      now = null;
      LOG.info(
          "{} again after {} failed attempts in {}",
          works(before),
          before.attempt(),
          Duration.between(before.since(), clock.instant()));
    }
  }

  /** What failed is of no interest any more. */
  public void forget() {
    now = null;
  }

  private static String works(FailureStatus failed) {
    String kind = failed.kind().name();
    if (kind.startsWith("DESTINATION")) {
      return "the destination answers";
    }
    return kind.startsWith("STORE") ? "the store answers" : "works";
  }

  /** {@return what fails; null if nothing does} */
  public @Nullable FailureStatus now() {
    return now;
  }

  /** {@return what has failed for the longest time; null if nothing does} */
  public static @Nullable FailureStatus longest(Trouble... places) {
    return Stream.of(places)
        .map(Trouble::now)
        .filter(Objects::nonNull)
        .min(Comparator.comparing(FailureStatus::since))
        .orElse(null);
  }
}
