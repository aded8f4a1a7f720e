package dev.pgetl.internal.platform;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;

/** What a part of the engine does not expect to be thrown, as a failure of the library. */
public final class Unexpected {
  private Unexpected() {}

  /**
   * {@return the failure; what is an {@link EtlException} already stays as it is}
   *
   * @param doing what was being done
   * @param cause what was thrown; its message is shown only if the JVM wrote it
   */
  public static EtlException failure(String doing, Throwable cause) {
    if (cause instanceof EtlException known) {
      return known;
    }
    boolean ofTheJvm = cause instanceof VirtualMachineError || cause instanceof LinkageError;
    String what = ofTheJvm ? cause.toString() : cause.getClass().getName();
    return new EtlException(ErrorKind.INTERNAL, doing + " failed: " + what, cause);
  }
}
