package dev.pgetl.testkit.destination;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call that does not return until the test releases it. Nothing of it is recorded before.
 * Thread-safe.
 */
public final class Hold {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CompletableFuture<@Nullable EtlException> answer = new CompletableFuture<>();
  private volatile boolean stubborn;

  Hold() {}

  /**
   * Makes the call ignore interrupts: a destination that really hangs.
   *
   * @return this
   */
  public Hold ignoringInterrupts() {
    stubborn = true;
    return this;
  }

  /**
   * Waits until the call has come; a minute at most.
   *
   * @return this
   */
  public Hold awaitReached() {
    try {
      if (!reached.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("the call to be held did not come within " + LIMIT);
      }
      return this;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a call", e);
    }
  }

  /** {@return whether the call has come} */
  public boolean isReached() {
    return reached.getCount() == 0;
  }

  /** Lets the call do its work and return. */
  public void release() {
    answer.complete(null);
  }

  /**
   * Lets the call fail; nothing is written.
   *
   * @param kind with this kind
   */
  public void fail(ErrorKind kind) {
    answer.complete(new EtlException(kind, "held call failed, as the test requests"));
  }

  /** Holds the calling thread. */
  void enter() {
    reached.countDown();
    boolean interrupted = false;
    while (true) {
      try {
        EtlException failure = answer.get();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        if (failure != null) {
          throw failure;
        }
        return;
      } catch (InterruptedException e) {
        if (!stubborn) {
          throw interrupted(e);
        }
        interrupted = true;
      } catch (ExecutionException e) {
        throw new IllegalStateException("a hold was completed with an exception", e);
      }
    }
  }

  static EtlException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new EtlException(
        ErrorKind.DESTINATION_UNAVAILABLE, "interrupted while a call was held", cause);
  }
}
