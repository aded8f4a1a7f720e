package dev.pgetl.internal.capture.diagnose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.sql.SQLException;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceDoctorTest {
  private static Finding failing(RuntimeException failure) throws SQLException {
    Optional<Finding> found =
        SourceDoctor.attempt(
            "SomeCheck",
            () -> {
              throw failure;
            });
    return found.orElseThrow();
  }

  /** A table may be dropped between two questions of a check. */
  @Test
  void continuesAfterACheckThatFailsInTheProcess() throws SQLException {
    Finding finding = failing(new NoSuchElementException("4711"));

    assertThat(finding.code()).isEqualTo(FindingCode.NOT_CHECKED);
    assertThat(finding.problem())
        .isEqualTo("SomeCheck failed: java.util.NoSuchElementException")
        .doesNotContain("4711");
  }

  @Test
  void doesNotTakeAFailedCheckForASourceThatCannotBeReached() throws SQLException {
    Finding finding = failing(new EtlException(ErrorKind.SOURCE_CONFIGURATION, "there is none"));

    assertThat(finding.code()).isEqualTo(FindingCode.NOT_CHECKED);
    assertThat(finding.problem()).isEqualTo("SomeCheck failed: there is none");
  }

  @Test
  void endsWithALostConnection() {
    SQLException lost = new SQLException("gone", "08006");

    assertThatThrownBy(
            () ->
                SourceDoctor.attempt(
                    "SomeCheck",
                    () -> {
                      throw lost;
                    }))
        .isSameAs(lost);
  }
}
