package dev.pgetl.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriverVersionTest {
  @Test
  void theDriverOnTheClassPathWillDo() {
    assertThat(DriverVersion.present()).isGreaterThan(new DriverVersion(42, 7, 5));
    assertThatCode(DriverVersion.present()::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"42, 7, 5", "42, 6, 9", "41, 9, 9", "0, 0, 0"})
  void olderDriversAreRefused(int major, int minor, int patch) {
    DriverVersion old = new DriverVersion(major, minor, patch);
    EtlException failure = catchThrowableOfType(EtlException.class, old::check);
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure).hasMessageContaining(old.toString()).hasMessageContaining("42.7.6");
  }

  @ParameterizedTest
  @CsvSource({"42, 7, 6", "42, 8, 0", "43, 0, 0"})
  void laterDriversAreWelcome(int major, int minor, int patch) {
    assertThatCode(new DriverVersion(major, minor, patch)::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"42, 7, 6", "42, 7, 11"})
  void driversThatDoNotEnsureChannelBindingAreRefusedIfItIsRequired(
      int major, int minor, int patch) {
    DriverVersion old = new DriverVersion(major, minor, patch);
    assertThatCode(old::check).doesNotThrowAnyException();
    EtlException failure = catchThrowableOfType(EtlException.class, old::checkChannelBinding);
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure).hasMessageContaining("channel binding").hasMessageContaining("42.7.12");
    assertThatCode(new DriverVersion(42, 7, 12)::checkChannelBinding).doesNotThrowAnyException();
  }
}
