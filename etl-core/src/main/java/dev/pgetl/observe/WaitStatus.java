package dev.pgetl.observe;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * Something that a pipeline waits for at the moment, in a {@link PipelineStatus}. To wait is a part
 * of the work; a long wait is how a server shows that hangs.
 *
 * @param what who is to do what; no secret, no cell value
 * @param since since when it waits
 * @param duration for how long, when the status was made
 */
public record WaitStatus(String what, Instant since, Duration duration) {
  public WaitStatus {
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(duration, "duration");
  }
}
