package dev.pgetl.internal.runner;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runner.Opening.Opened;
import dev.pgetl.observe.FailureStatus;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a pipeline that is kept running.
 *
 * @param opened the pipeline of the present start, or of the last one; null before the first
 * @param starts how often it was started
 * @param cause why the last start failed; null if it did not, or the next one works
 * @param failure the same for a status
 * @param ended whether it is not started again
 */
public record RunView(
    @Nullable Opened opened,
    int starts,
    @Nullable EtlException cause,
    @Nullable FailureStatus failure,
    boolean ended) {
  static final RunView NONE = new RunView(null, 0, null, null, false);

  RunView opening() {
    return new RunView(opened, starts + 1, cause, failure, false);
  }

  RunView with(Opened present) {
    return new RunView(present, starts, cause, failure, false);
  }

  RunView working() {
    return new RunView(opened, starts, null, null, false);
  }

  RunView failed(EtlException why, FailureStatus described) {
    return new RunView(opened, starts, why, described, false);
  }

  RunView end() {
    return new RunView(opened, starts, cause, failure, true);
  }
}
