package dev.pgetl;

import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineStatus;
import org.jspecify.annotations.Nullable;

/** Makes what only a runner makes. */
public final class RunStatuses {
  private RunStatuses() {}

  /** A status of a pipeline that a runner keeps running. */
  public static RunStatus of(
      PipelineStatus pipeline, int starts, @Nullable FailureStatus failure, boolean manual) {
    return new RunStatus(pipeline, starts, failure, manual);
  }
}
