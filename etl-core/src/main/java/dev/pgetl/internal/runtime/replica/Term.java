package dev.pgetl.internal.runtime.replica;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.ThreadStatus;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A tenure and the engine that works during it. Thread-safe. */
final class Term {
  /** Another process is the owner, as far as its failure says. */
  private static final Set<ErrorKind> LOSSES =
      EnumSet.of(ErrorKind.STORE_LOCKED, ErrorKind.SLOT_IN_USE);

  private final Tenure tenure;
  private final PipelineEngine engine;
  private final boolean first;
  private final Decision decision;
  private volatile @Nullable EtlException broken;
  private volatile boolean ran;
  private volatile boolean handedOver;

  /**
   * Creates it; nothing has begun.
   *
   * @param first whether the application starts it, and gets what it throws
   * @param decision what follows its end
   */
  Term(Tenure tenure, PipelineEngine engine, boolean first, Decision decision) {
    this.tenure = tenure;
    this.engine = engine;
    this.first = first;
    this.decision = decision;
  }

  Tenure tenure() {
    return tenure;
  }

  PipelineEngine engine() {
    return engine;
  }

  /** Starts the engine, on the calling thread. */
  void start() {
    try {
      engine.start();
      ran = true;
    } catch (IllegalStateException e) {
      if (!isOver()) { // it was asked to end before it began
        throw e;
      }
    }
  }

  /** Ends the work because another process is the owner; calls that have begun may end. */
  void lose() {
    tenure.end();
    engine.shutdown();
  }

  /** Ends the work so that another process gets its turn. */
  void handOver() {
    handedOver = true;
    engine.shutdown();
  }

  /** Ends the work because the lease cannot be kept, and waiting does not help. */
  void fail(EtlException cause) {
    broken = cause;
    tenure.suspend();
    engine.shutdown();
  }

  /** {@return what follows its end} */
  Decision decision() {
    return decision;
  }

  boolean isHandedOver() {
    return handedOver;
  }

  /** {@return whether the engine has worked} */
  boolean hasWorked() {
    return ran;
  }

  /** {@return whether the engine works, and is not about to end for another one} */
  boolean works() {
    return ran && !tenure.isOver() && !handedOver && broken == null && !isOver();
  }

  /** {@return whether the engine has ended} */
  boolean isOver() {
    try {
      return engine.awaitEnd(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** {@return whether it ended because another process is the owner} */
  boolean isLost() {
    if (broken != null) {
      return false;
    }
    EtlException failure = engine.failure();
    return tenure.isOver() || (failure != null && isLoss(failure));
  }

  /**
   * {@return whether the source refused it} Perhaps no other process has the lease: then the next
   * attempt may fail for the same reason, which has to be seen.
   */
  boolean isRefused() {
    EtlException failure = engine.failure();
    return failure != null && failure.kind() == ErrorKind.SLOT_IN_USE;
  }

  /** {@return whether a failure means that another process is the owner} */
  static boolean isLoss(EtlException failure) {
    return LOSSES.contains(failure.kind());
  }

  /** {@return whether it never worked, and another attempt may succeed} */
  boolean mayBeRepeated() {
    EtlException failure = failure();
    return !first && !ran && failure != null && failure.kind().isTemporary() && broken == null;
  }

  /** {@return why the pipeline has failed; null if it has not} */
  @Nullable EtlException failure() {
    EtlException cause = broken;
    return cause == null ? engine.failure() : cause;
  }

  /**
   * {@return what the pipeline does, as far as this engine knows}
   *
   * @param now what it does as a whole
   * @param failed why it has failed; null if it has not
   * @param others what threads do that are not this engine's
   */
  PipelineStatus status(State now, @Nullable FailureStatus failed, List<ThreadStatus> others) {
    return engine.status(works -> now == State.STARTING ? state(works) : now, failed, others);
  }

  /** What has ended here may begin again: until that is decided, the pipeline has not ended. */
  private State state(State works) {
    return switch (works) {
      case FAILED, STOPPED -> ran ? State.STOPPING : State.STARTING;
      default -> works;
    };
  }
}
