package dev.pgetl.internal.capture.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnBackendsTest {
  private final OwnBackends backends = new OwnBackends();

  @Test
  void thoseThatHaveEndedAreForgotten() {
    for (int pid = 1; pid <= 1_000; pid++) {
      backends.opened(pid);
      backends.keep(backends.all(), Set.of(pid));
    }
    assertThat(backends.all()).containsExactly(1_000);
  }

  @Test
  void oneThatWasOpenedMeanwhileIsKept() {
    backends.opened(1);
    Set<Integer> asked = backends.all();
    backends.opened(2);
    backends.keep(asked, Set.of());
    assertThat(backends.contains(2)).isTrue();
    assertThat(backends.contains(1)).isFalse();
  }
}
