package dev.pgetl.internal.runtime.worker;

import dev.pgetl.error.EtlException;
import dev.pgetl.observe.FailureStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Why a pipeline has failed: the first reason counts. Thread-safe. */
public final class PipelineFailure {
  /** The reason, and when it came. */
  private record Reason(EtlException failure, Instant since) {}

  private final AtomicReference<@Nullable Reason> first = new AtomicReference<>();
  private final InstantSource clock;

  public PipelineFailure(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * {@return whether this is the reason} If there was one before, it has this one as a suppressed
   * exception from now on.
   */
  public boolean add(EtlException problem) {
    Reason reason = first.compareAndExchange(null, new Reason(problem, clock.instant()));
    if (reason != null && reason.failure != problem) {
      reason.failure.addSuppressed(problem);
    }
    return reason == null;
  }

  /** {@return the reason; null if it has not failed} */
  public @Nullable EtlException reason() {
    Reason reason = first.get();
    return reason == null ? null : reason.failure;
  }

  /** {@return the reason, for the status; null if it has not failed} */
  public @Nullable FailureStatus status() {
    Reason reason = first.get();
    return reason == null
        ? null
        : new FailureStatus(
            reason.failure.kind(), reason.failure.getMessage(), reason.since, 1, null);
  }

  /** Throws the reason, if there is one. */
  public void throwIfAny() {
    EtlException cause = reason();
    if (cause != null) {
      throw cause;
    }
  }
}
