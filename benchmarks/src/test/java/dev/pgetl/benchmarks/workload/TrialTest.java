package dev.pgetl.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.subject.Subject;
import org.junit.jupiter.api.Test;

class TrialTest {
  private static final Trial TRIAL =
      new Trial(
          "copy",
          Subject.PGETL,
          Task.of(Task.Mode.COPY).with(Setting.ROWS, 10),
          "",
          Service.COPY,
          1);

  @Test
  void everyRowIsNeededAndNoneTwice() {
    assertThatCode(() -> TRIAL.requireAll(10)).doesNotThrowAnyException();
    assertThatIllegalStateException()
        .isThrownBy(() -> TRIAL.requireAll(9))
        .withMessage("copy: pgetl got 9 rows of 10");
    assertThatIllegalStateException().isThrownBy(() -> TRIAL.requireAll(11));
  }
}
