package dev.pgetl.internal.deliver;

import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One attempt at a call of an extension. */
@FunctionalInterface
public interface DestinationCall {
  /**
   * Makes the call.
   *
   * @param what what is being done, for the message of a failure
   * @return what the destination says
   */
  WriteResult run(String what) throws InterruptedException;

  /**
   * {@return a call that turns whatever the destination throws into an {@link EtlException}, or the
   * interruption it was}
   *
   * @param call of the destination
   */
  static DestinationCall of(Supplier<@Nullable WriteResult> call) {
    return what -> {
      try {
        WriteResult result = call.get();
        if (result == null) {
          throw new EtlException(ErrorKind.DESTINATION_FAILED, what + " failed: it returned null");
        }
        return result;
      } catch (EtlException e) {
        throwIfInterrupted(e);
        throw e;
      } catch (RuntimeException e) {
        throwIfInterrupted(e);
        throw new EtlException(
                ErrorKind.DESTINATION_FAILED, what + " failed: " + e.getClass().getName(), e)
            .withFix("The destination threw something that is no EtlException; see the cause.");
      }
    };
  }

  private static void throwIfInterrupted(RuntimeException cause) throws InterruptedException {
    if (Thread.interrupted()) {
      InterruptedException interrupted = new InterruptedException("while calling the destination");
      interrupted.initCause(cause);
      throw interrupted;
    }
  }
}
