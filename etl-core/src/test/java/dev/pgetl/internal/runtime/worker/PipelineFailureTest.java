package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import org.junit.jupiter.api.Test;

class PipelineFailureTest {
  private final PipelineFailure failure = new PipelineFailure(Platform.jvm());
  private final EtlException first = new EtlException(ErrorKind.SLOT_LOST, "first");
  private final EtlException second = new EtlException(ErrorKind.DESTINATION_FAILED, "second");

  @Test
  void theFirstReasonCounts() {
    assertThat(failure.reason()).isNull();
    failure.throwIfAny();

    assertThat(failure.add(first)).isTrue();

    assertThat(failure.reason()).isSameAs(first);
    assertThatThrownBy(failure::throwIfAny).isSameAs(first);
  }

  @Test
  void whatGoesWrongAfterwardsIsAdded() {
    assertThat(failure.add(first)).isTrue();

    assertThat(failure.add(second)).isFalse();

    assertThat(failure.reason()).isSameAs(first);
    assertThat(first.getSuppressed()).containsExactly(second);
  }

  @Test
  void whatGoesWrongAtTheEndIsTheReasonIfThereWasNone() {
    assertThat(failure.add(second)).isTrue();

    assertThat(failure.reason()).isSameAs(second);
    assertThat(second.getSuppressed()).isEmpty();
  }

  /** A throwable cannot suppress itself. */
  @Test
  void theSameFailureIsNotAddedToItself() {
    assertThat(failure.add(first)).isTrue();

    assertThat(failure.add(first)).isFalse();

    assertThat(first.getSuppressed()).isEmpty();
  }

  /** A call that was given up fails at some time. */
  @Test
  void whatGoesWrongAfterTheEndIsNoReason() {
    assertThat(failure.end()).isNull();

    assertThat(failure.add(first)).isFalse();

    assertThat(failure.reason()).isNull();
    assertThat(failure.status()).isNull();
    failure.throwIfAny();
  }

  @Test
  void theReasonStaysAtTheEnd() {
    assertThat(failure.add(first)).isTrue();

    assertThat(failure.end()).isSameAs(first);
    assertThat(failure.add(second)).isFalse();

    assertThat(failure.reason()).isSameAs(first);
  }
}
