package dev.pgetl.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EtlExceptionTest {
  private final Throwable cause = new IllegalStateException("below");

  private EtlException plain() {
    EtlException plain =
        new EtlException(ErrorKind.SLOT_LOST, "reading slot s at 0/10 failed", cause);
    plain.addSuppressed(new IllegalStateException("beside"));
    return plain;
  }

  @Test
  void saysWhatWasBeingDone() {
    EtlException plain = new EtlException(ErrorKind.SLOT_LOST, "reading slot s at 0/10 failed");

    assertThat(plain).hasMessage("reading slot s at 0/10 failed").hasNoCause();
    assertThat(plain.summary()).isEqualTo("reading slot s at 0/10 failed");
    assertThat(plain.fix()).isEmpty();
    assertThat(plain.kind()).isEqualTo(ErrorKind.SLOT_LOST);
    assertThat(plain.tableOid()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void isRetriedAsItsKindSays(ErrorKind kind) {
    assertThat(new EtlException(kind, "test").retry()).isEqualTo(kind.retry());
  }

  @Test
  void addsTheAdviceToTheMessage() {
    EtlException withFix = plain().withFix("Drop the slot.");

    assertThat(withFix).hasMessage("reading slot s at 0/10 failed. Drop the slot.");
    assertThat(withFix.summary()).isEqualTo("reading slot s at 0/10 failed");
    assertThat(withFix.fix()).isEqualTo("Drop the slot.");
    assertThat(withFix.withFix("Wait.")).hasMessage("reading slot s at 0/10 failed. Wait.");
  }

  @Test
  void copiesKeepEverythingElse() {
    EtlException plain = plain();

    EtlException copy =
        plain.withTable(0xFFFFFFFFL).withFix("Drop it.").withRetry(RetryDirective.NONE);

    assertThat(copy.kind()).isEqualTo(ErrorKind.SLOT_LOST);
    assertThat(copy.retry()).isEqualTo(RetryDirective.NONE);
    assertThat(copy.fix()).isEqualTo("Drop it.");
    assertThat(copy.tableOid()).hasValue(0xFFFFFFFFL);
    assertThat(copy).hasCause(cause).hasSuppressedException(plain.getSuppressed()[0]);
    assertThat(copy.getStackTrace()).isEqualTo(plain.getStackTrace());
  }

  /** The kind is in every log that prints the exception. */
  @Test
  void namesItsKindInItsText() {
    assertThat(plain().withFix("Drop the slot."))
        .hasToString(
            "dev.pgetl.error.EtlException: SLOT_LOST: reading slot s at 0/10 failed. Drop the slot.");
  }

  @Test
  void onlyWhatPassesByItselfIsTemporary() {
    assertThat(ErrorKind.values())
        .filteredOn(ErrorKind::isTemporary)
        .containsExactly(
            ErrorKind.SOURCE_UNAVAILABLE,
            ErrorKind.SOURCE_BUSY,
            ErrorKind.SLOT_IN_USE,
            ErrorKind.DESTINATION_UNAVAILABLE,
            ErrorKind.STORE_UNAVAILABLE);
  }

  @Test
  void doesNotChangeItself() {
    EtlException plain = plain();

    EtlException copy = plain.withTable(7).withFix("x").withRetry(RetryDirective.NONE);

    assertThat(copy).isNotSameAs(plain);
    assertThat(plain.tableOid()).isEmpty();
    assertThat(plain.fix()).isEmpty();
    assertThat(plain.retry()).isEqualTo(RetryDirective.MANUAL);
  }
}
