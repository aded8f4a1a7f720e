package dev.pgetl.internal.deliver;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls of a destination that turn whatever it throws into an {@link EtlException}, or into the
 * interruption it was. What the JVM throws because it cannot continue is passed on.
 */
@SuppressWarnings("IllegalCatch") // an error of a destination is its failure, not the engine's
public final class DestinationCall {
  private DestinationCall() {}

  /**
   * {@return a call without an answer}
   *
   * @param what what is being done, for the message of a failure
   * @param call of the destination
   */
  public static Attempts.Action of(String what, Runnable call) {
    return () -> {
      try {
        call.run();
      } catch (RuntimeException | Error e) {
        throw failure(what, e);
      }
    };
  }

  /**
   * {@return a call that answers; no answer is a failure}
   *
   * @param <T> what it answers
   * @param what what is being done, for the message of a failure
   * @param call of the destination
   */
  public static <T> Attempts.Call<T> answering(String what, Supplier<@Nullable T> call) {
    return () -> {
      try {
        T answer = call.get();
        if (answer == null) {
          throw new EtlException(ErrorKind.DESTINATION_FAILED, what + " failed: it returned null");
        }
        return answer;
      } catch (RuntimeException | Error e) {
        throw failure(what, e);
      }
    };
  }

  private static EtlException failure(String what, Throwable cause) throws InterruptedException {
    if (Thread.interrupted()) {
      InterruptedException interrupted = new InterruptedException("while calling the destination");
      interrupted.initCause(cause);
      throw interrupted;
    }
    return failed(what, cause);
  }

  /**
   * {@return the failure of a call}
   *
   * @param what what was being done
   * @param cause what the destination threw; rethrown if the JVM cannot continue
   */
  public static EtlException failed(String what, Throwable cause) {
    if (cause instanceof EtlException known) {
      return known;
    }
    if (cause instanceof VirtualMachineError fatal && !(cause instanceof StackOverflowError)) {
      throw fatal;
    }
    return new EtlException(
            ErrorKind.DESTINATION_FAILED, what + " failed: " + cause.getClass().getName(), cause)
        .withFix("The destination threw something that is no EtlException; see the cause.");
  }
}
