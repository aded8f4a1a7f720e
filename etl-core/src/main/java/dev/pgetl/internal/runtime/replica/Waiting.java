package dev.pgetl.internal.runtime.replica;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.replica.Standby.Taken;
import dev.pgetl.internal.runtime.worker.Trouble;
import dev.pgetl.observe.FailureStatus;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How a process waits for its turn, and what keeps it from taking it. Owned by one thread at a
 * time; {@link #trouble} is for any.
 */
final class Waiting {
  /** After a failure, of a start above all, others have their turn. */
  static final Duration RETRY = Duration.ofSeconds(1);

  /** Often enough for a takeover within a second; a question costs the store 0.1 ms. */
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String pipeline;
  private final Standby standby;
  private final SharedDestination destination;
  private final Trouble trouble;
  private final Latch ending;
  private final Platform platform;
  private long notBefore;
  private long blockedSince;
  private int failures;

  /**
   * Creates it; nothing is waited for yet.
   *
   * @param trouble keeps what hinders it
   * @param ending ends the wait
   */
  Waiting(
      String pipeline,
      Standby standby,
      SharedDestination destination,
      Trouble trouble,
      Latch ending,
      Platform platform) {
    this.pipeline = pipeline;
    this.standby = standby;
    this.destination = destination;
    this.trouble = trouble;
    this.ending = ending;
    this.platform = platform;
    this.notBefore = platform.nanos();
  }

  /** {@return what hinders it; null if another process owns the pipeline and works} */
  @Nullable FailureStatus trouble() {
    return trouble.now();
  }

  /** Takes nothing for some time, so that others can. */
  void abstain(Duration time) {
    notBefore = platform.nanos() + time.toNanos();
  }

  /** Nothing hinders it any more. */
  void isOver() {
    failures = 0;
    trouble.over();
  }

  /** Something hinders it, and is retried. */
  void isHindered(EtlException cause, Duration delay) {
    failures++;
    trouble.waiting(cause, failures, delay);
  }

  /** {@return what was taken; null if the pipeline was asked to end} */
  @Nullable Taken await() throws InterruptedException {
    blockedSince = platform.nanos();
    while (!ending.isOpen()) {
      Duration pause = Duration.ofNanos(POLL_NANOS);
      try {
        Taken taken = tryTake();
        if (taken != null) {
          return taken;
        }
        noteObstacle();
      } catch (EtlException e) {
        standby.release();
        pause = RETRY;
        isHindered(e, pause);
      }
      boolean unused = ending.await(pause.toNanos());
    }
    return null;
  }

  /** A call of an earlier tenure that has not returned could be another process's by now. */
  private @Nullable Taken tryTake() {
    if (platform.nanos() - notBefore >= 0 && !destination.isBusy()) {
      return standby.tryTake();
    }
    var unused = standby.look();
    return null;
  }

  /** Only a living owner ends a trouble here: without one this process should be working. */
  private void noteObstacle() {
    EtlException obstacle = standby.seen().isGrantable() ? obstacle() : null;
    if (obstacle == null) {
      blockedSince = platform.nanos();
    } else if (platform.nanos() - blockedSince >= RETRY.toNanos()) {
      isHindered(obstacle, Duration.ofNanos(POLL_NANOS));
    }
    if (!standby.seen().isGrantable()) {
      isOver();
    }
  }

  private @Nullable EtlException obstacle() {
    if (destination.isBusy()) {
      return new EtlException(
          ErrorKind.DESTINATION_UNAVAILABLE,
          "pipeline %s cannot be taken over: an earlier call of destination %s has not returned"
              .formatted(pipeline, destination.target().name()));
    }
    return standby.isSourceTaken()
        ? new EtlException(
            ErrorKind.SLOT_IN_USE,
            "pipeline %s cannot be taken over: its lease is free, but a session still acts for it on the source"
                .formatted(pipeline))
        : null;
  }
}
