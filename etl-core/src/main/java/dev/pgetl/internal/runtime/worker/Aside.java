package dev.pgetl.internal.runtime.worker;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls that may take long, of the store or the catalogue, on threads of their own, while the
 * caller keeps its connection alive. Immutable.
 */
public final class Aside {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private final Worker.Factory workers;
  private final String role;

  /**
   * Creates one for the calls of one thread.
   *
   * @param workers makes threads
   * @param role part of their names
   */
  public Aside(Worker.Factory workers, String role) {
    this.workers = workers;
    this.role = role;
  }

  /** A call and what came of it; read only after {@link #done} has opened. */
  private static final class Pending<T> {
    private final Supplier<T> call;
    private final Latch done;
    private volatile @Nullable T result;
    private volatile @Nullable RuntimeException failure;

    private Pending(Supplier<T> call, Latch done) {
      this.call = call;
      this.done = done;
    }

    private void run() {
      try {
        result = call.get();
      } catch (RuntimeException e) {
        failure = e;
      } finally {
        done.open();
      }
    }
  }

  /**
   * Makes a call and waits for it.
   *
   * @param what what is being done, for the message of a failure
   * @param call the call
   * @param meanwhile asked about ten times a second; false if the answer is not needed any more
   * @return the answer
   * @throws EtlException what the call threw; of kind {@link ErrorKind#INTERNAL} if the answer was
   *     not waited for
   */
  public <T> T call(String what, Supplier<T> call, BooleanSupplier meanwhile) {
    Pending<T> pending = new Pending<>(call, new Latch(workers.platform()));
    Worker unused = workers.start(role, pending::run);
    boolean done = false;
    while (!done) {
      done = await(what, pending.done, meanwhile);
    }
    return result(what, pending);
  }

  /**
   * Waits a tenth of a second.
   *
   * @param what what is waited for
   * @param meanwhile asked once; false if it is not needed any more
   * @throws EtlException of kind {@link ErrorKind#INTERNAL} then
   */
  public void pause(String what, BooleanSupplier meanwhile) {
    boolean unused = await(what, new Latch(workers.platform()), meanwhile);
  }

  private static boolean await(String what, Latch latch, BooleanSupplier meanwhile) {
    try {
      if (latch.await(TICK_NANOS)) {
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtlException(ErrorKind.INTERNAL, "interrupted while waiting: " + what, e);
    }
    if (!meanwhile.getAsBoolean()) {
      throw new EtlException(ErrorKind.INTERNAL, "stopped while waiting: " + what);
    }
    return false;
  }

  private static <T> T result(String what, Pending<T> pending) {
    RuntimeException failure = pending.failure;
    if (failure != null) {
      throw failure;
    }
    T result = pending.result;
    if (result == null) {
      throw new EtlException(ErrorKind.INTERNAL, what + " failed");
    }
    return result;
  }
}
