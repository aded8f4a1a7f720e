package dev.pgetl.destination.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.error.EtlException;

/** Expectations that several tests share. */
final class Expect {
  private Expect() {}

  /** {@return the failure an action ends with} */
  static EtlException failure(Runnable action) {
    EtlException failure = catchThrowableOfType(EtlException.class, action::run);
    assertThat(failure).isNotNull();
    return failure;
  }
}
