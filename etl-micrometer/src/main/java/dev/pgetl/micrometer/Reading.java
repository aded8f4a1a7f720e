package dev.pgetl.micrometer;

import dev.pgetl.RunStatus;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import java.util.function.ToDoubleFunction;

/**
 * What a pipeline reports at one moment.
 *
 * @param status the present pipeline, or the last one
 * @param health how it is
 * @param starts how often it was started
 * @param run which of the starts the status is of
 */
record Reading(PipelineStatus status, Health.Level health, int starts, int run) {
  static Reading of(PipelineStatus status) {
    int starts = status.state() == State.CREATED ? 0 : 1;
    return new Reading(status, status.health().level(), starts, starts);
  }

  static Reading of(RunStatus run) {
    return of(run, 0);
  }

  /**
   * {@return what a pipeline of a runner reports}
   *
   * @param earlier starts by other runners
   */
  static Reading of(RunStatus run, int earlier) {
    int starts = earlier + run.starts();
    return new Reading(run.pipeline(), run.health().level(), starts, starts);
  }

  /**
   * {@return the reading, with the run that it is of} A runner counts a start before it has made
   * the next pipeline: what has ended is then still the one before.
   *
   * @param before the reading before this one
   */
  Reading after(Reading before) {
    boolean ended = status.state() == State.STOPPED || status.state() == State.FAILED;
    return ended ? new Reading(status, health, starts, before.run) : this;
  }

  /** {@return a value of a pipeline that has not ended; otherwise no number} */
  double whileItLives(ToDoubleFunction<PipelineStatus> value) {
    return switch (status.state()) {
      case CREATED, STOPPED, FAILED -> Double.NaN;
      case STARTING, STANDBY, RUNNING, PAUSED, STOPPING -> value.applyAsDouble(status);
    };
  }
}
