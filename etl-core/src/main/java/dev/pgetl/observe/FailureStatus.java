package dev.pgetl.observe;

import dev.pgetl.error.ErrorKind;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that fails at the moment, in a {@link PipelineStatus}.
 *
 * @param kind what kind of failure it was last
 * @param message what was being done, with the advice behind it; no secret, no cell value
 * @param since when it failed first
 * @param attempt how many times in a row it has failed, from 1
 * @param nextTry when it is retried; null if it is not
 */
public record FailureStatus(
    ErrorKind kind, String message, Instant since, int attempt, @Nullable Instant nextTry) {
  public FailureStatus {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(since, "since");
  }
}
