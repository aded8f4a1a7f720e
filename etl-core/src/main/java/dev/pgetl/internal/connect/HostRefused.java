package dev.pgetl.internal.connect;

import dev.pgetl.error.EtlException;
import java.io.Serial;

/** A host cannot be used at the moment; another one may. */
public final class HostRefused extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final EtlException failure;
  private final String answer;

  /**
   * Creates it.
   *
   * @param failure what the connect fails with if there is no other host
   * @param answer what the host answered, as part of a sentence
   */
  public HostRefused(EtlException failure, String answer) {
    super(answer, failure);
    this.failure = failure;
    this.answer = answer;
  }

  /** {@return what the connect fails with if there is no other host} */
  public EtlException failure() {
    return failure;
  }

  /** {@return what the host answered} */
  String answer() {
    return answer;
  }
}
