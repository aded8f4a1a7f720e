package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import org.junit.jupiter.api.Test;

class PipelineFailureTest {
  private final PipelineFailure failure = new PipelineFailure();
  private final EtlException first = new EtlException(ErrorKind.SLOT_LOST, "first");
  private final EtlException second = new EtlException(ErrorKind.DESTINATION_FAILED, "second");

  @Test
  void theFirstReasonCounts() {
    assertThat(failure.reason()).isNull();
    failure.throwIfAny();

    assertThat(failure.is(first)).isTrue();
    assertThat(failure.is(second)).isFalse();

    assertThat(failure.reason()).isSameAs(first);
    assertThatThrownBy(failure::throwIfAny).isSameAs(first);
  }

  @Test
  void whatGoesWrongAfterwardsIsAdded() {
    assertThat(failure.is(first)).isTrue();

    failure.add(second);

    assertThat(failure.reason()).isSameAs(first);
    assertThat(first.getSuppressed()).containsExactly(second);
  }

  @Test
  void whatGoesWrongAtTheEndIsTheReasonIfThereWasNone() {
    failure.add(second);

    assertThat(failure.reason()).isSameAs(second);
    assertThat(second.getSuppressed()).isEmpty();
  }

  /** A throwable cannot suppress itself. */
  @Test
  void theSameFailureIsNotAddedToItself() {
    assertThat(failure.is(first)).isTrue();

    failure.add(first);

    assertThat(first.getSuppressed()).isEmpty();
  }

  @Test
  void whatIsNoEtlExceptionIsInternal() {
    IllegalStateException bug = new IllegalStateException("bug");

    assertThat(PipelineFailure.of("running", first)).isSameAs(first);
    assertThat(PipelineFailure.of("running", bug))
        .hasMessageContaining("running failed")
        .hasCause(bug)
        .extracting(EtlException::kind)
        .isEqualTo(ErrorKind.INTERNAL);
  }
}
