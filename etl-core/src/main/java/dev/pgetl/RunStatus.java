package dev.pgetl;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.observe.PipelineStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link PipelineRunner} does with one of its pipelines. Immutable. */
public final class RunStatus {
  private final PipelineStatus pipeline;
  private final int starts;
  private final @Nullable FailureStatus failure;
  private final boolean manual;

  RunStatus(PipelineStatus pipeline, int starts, @Nullable FailureStatus failure, boolean manual) {
    this.pipeline = pipeline;
    this.starts = starts;
    this.failure = failure;
    this.manual = manual;
  }

  /** {@return the present pipeline's status, or that of the last one until the next is made} */
  public PipelineStatus pipeline() {
    return pipeline;
  }

  /** {@return how often the pipeline was started, this time included} */
  public int starts() {
    return starts;
  }

  /**
   * {@return why the pipeline could not be started or has failed, since when, and when it starts
   * again; empty as soon as a start has succeeded}
   */
  public Optional<FailureStatus> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * {@return whether the failure stays until its cause is fixed} The pipeline starts again all the
   * same, to notice that; one of {@link ErrorKind#CONFIGURATION}, or {@link RetryDirective#NONE},
   * starts again only by {@link PipelineRunner#restart}.
   */
  public boolean needsManualIntervention() {
    return manual;
  }

  /**
   * {@return how the pipeline is, for a health check, with {@link Health#STALL_LIMIT}} While it is
   * to start again by itself it is {@code DEGRADED}; while it needs manual intervention it is
   * {@code DOWN}.
   */
  public Health health() {
    return health(Health.STALL_LIMIT);
  }

  /**
   * {@return how the pipeline is, for a health check}
   *
   * @param stallLimit how long it may wait for something until that is reported
   */
  public Health health(Duration stallLimit) {
    FailureStatus last = failure;
    if (last != null) {
      return new Health(manual ? Level.DOWN : Level.DEGRADED, List.of(Health.text(last)));
    }
    Health own = pipeline.health(stallLimit);
    return switch (pipeline.state()) {
      case CREATED -> starts == 0 ? own : new Health(Level.UP, List.of());
      case FAILED -> new Health(Level.DEGRADED, own.reasons()); // until what follows is decided
      case STARTING, STANDBY, RUNNING, STOPPING, STOPPED -> own;
    };
  }

  @Override
  public String toString() {
    return "RunStatus{starts=" + starts + ", failure=" + failure + ", pipeline=" + pipeline + '}';
  }
}
