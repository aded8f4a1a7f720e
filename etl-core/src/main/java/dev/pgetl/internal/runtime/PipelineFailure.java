package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Why a pipeline has failed: the first reason counts. Thread-safe. */
final class PipelineFailure {
  private final AtomicReference<@Nullable EtlException> first = new AtomicReference<>();

  /** {@return what was thrown as an {@link EtlException}} */
  static EtlException of(String doing, Throwable cause) {
    return cause instanceof EtlException known
        ? known
        : new EtlException(ErrorKind.INTERNAL, doing + " failed", cause);
  }

  /** {@return whether this is the reason; if not, there was one before} */
  boolean is(EtlException cause) {
    return first.compareAndSet(null, cause);
  }

  /** Adds what went wrong afterwards; it is the reason if there was none. */
  void add(EtlException problem) {
    EtlException reason = first.compareAndExchange(null, problem);
    if (reason != null && reason != problem) {
      reason.addSuppressed(problem);
    }
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
