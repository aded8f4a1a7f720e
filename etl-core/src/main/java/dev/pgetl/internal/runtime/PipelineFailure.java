package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Why a pipeline has failed: the first reason counts. Thread-safe. */
final class PipelineFailure {
  private final AtomicReference<@Nullable EtlException> first = new AtomicReference<>();

  /**
   * {@return whether this is the reason} If there was one before, it has this one as a suppressed
   * exception from now on.
   */
  boolean add(EtlException problem) {
    EtlException reason = first.compareAndExchange(null, problem);
    if (reason != null && reason != problem) {
      reason.addSuppressed(problem);
    }
    return reason == null;
  }

  /** {@return the reason; null if it has not failed} */
  @Nullable EtlException reason() {
    return first.get();
  }

  /** Throws the reason, if there is one. */
  void throwIfAny() {
    EtlException cause = reason();
    if (cause != null) {
      throw cause;
    }
  }
}
