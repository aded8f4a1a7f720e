package dev.pgetl.internal.runtime.worker;

import dev.pgetl.error.EtlException;
import dev.pgetl.observe.FailureStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Why a pipeline has failed: the first reason counts, unless it comes after the end. Thread-safe.
 */
public final class PipelineFailure {
  /** The reason, and when it came; no failure if the pipeline has ended without one. */
  private record Reason(@Nullable EtlException failure, Instant since) {}

  private final AtomicReference<@Nullable Reason> first = new AtomicReference<>();
  private final InstantSource clock;

  public PipelineFailure(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * {@return whether this is the reason} If there was one before, it has this one as a suppressed
   * exception from now on. If the pipeline has ended without one, this is none either: a call that
   * was given up may fail much later.
   */
  public boolean add(EtlException problem) {
    Reason reason = first.compareAndExchange(null, new Reason(problem, clock.instant()));
    EtlException before = reason == null ? null : reason.failure;
    if (before != null && before != problem) {
      before.addSuppressed(problem);
    }
    return reason == null;
  }

  /**
   * {@return the reason; null if the pipeline has not failed, and never will have} It ends here.
   */
  public @Nullable EtlException end() {
    var unused = first.compareAndExchange(null, new Reason(null, clock.instant()));
    return reason();
  }

  /** {@return the reason; null if it has not failed} */
  public @Nullable EtlException reason() {
    Reason reason = first.get();
    return reason == null ? null : reason.failure;
  }

  /** {@return the reason, for the status; null if it has not failed} */
  public @Nullable FailureStatus status() {
    Reason reason = first.get();
    EtlException cause = reason == null ? null : reason.failure;
    return reason == null || cause == null
        ? null
        : new FailureStatus(cause.kind(), cause.getMessage(), reason.since, 1, null);
  }

  /** Throws the reason, if there is one. */
  public void throwIfAny() {
    EtlException cause = reason();
    if (cause != null) {
      throw cause;
    }
  }
}
