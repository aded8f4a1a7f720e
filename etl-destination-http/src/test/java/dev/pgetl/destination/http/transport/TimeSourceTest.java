package dev.pgetl.destination.http.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimeSourceTest {
  /** On JDK 17 the default generator is in a module that a small runtime does not have. */
  @Test
  void needsNoOtherModule() {
    assertThat(TimeSource.system().random().getClass().getModule().getName())
        .isEqualTo("java.base");
  }
}
