package dev.pgetl.internal.capture.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.internal.capture.diagnose.SessionCheck.Answer;
import org.junit.jupiter.api.Test;

class SessionCheckTest {
  @Test
  void theServerItselfAnswers() {
    assertThat(SessionCheck.problem(7, new Answer(7, true))).isEmpty();
  }

  @Test
  void anotherProcessIsBehindAPooler() {
    assertThat(SessionCheck.problem(7, new Answer(8, true))).contains("7", "8", "pooler");
  }

  @Test
  void aPoolerLeavesSettingsOut() {
    assertThat(SessionCheck.problem(7, new Answer(7, false))).contains("settings", "pooler");
    assertThat(SessionCheck.pooler("x").code()).isEqualTo(FindingCode.POOLER);
  }
}
