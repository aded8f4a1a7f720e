package dev.pgetl.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import org.junit.jupiter.api.Test;

class UnexpectedTest {
  @Test
  void anEtlExceptionStaysAsItIs() {
    EtlException known = new EtlException(ErrorKind.SLOT_LOST, "lost");

    assertThat(Unexpected.failure("running", known)).isSameAs(known);
  }

  /** The message of an extension's exception may contain a value of a cell. */
  @Test
  void anythingElseIsInternalAndNamesItsClassOnly() {
    IllegalStateException bug = new IllegalStateException("secret");

    assertThat(Unexpected.failure("running", bug))
        .hasMessage("running failed: java.lang.IllegalStateException")
        .hasCause(bug)
        .extracting(EtlException::kind)
        .isEqualTo(ErrorKind.INTERNAL);
  }

  @Test
  void anErrorOfTheJvmIsNamedWithItsMessage() {
    assertThat(Unexpected.failure("running", new OutOfMemoryError("Java heap space")))
        .hasMessage("running failed: java.lang.OutOfMemoryError: Java heap space");
    assertThat(Unexpected.failure("running", new NoClassDefFoundError("a/B")))
        .hasMessage("running failed: java.lang.NoClassDefFoundError: a/B");
  }
}
