package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Platform;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StartingThreadTest {
  private final StartingThread starting = new StartingThread(Platform.jvm());

  @AfterEach
  void clear() {
    boolean unused = Thread.interrupted();
  }

  @Test
  void isInterruptedWhileItStarts() {
    starting.during(
        () -> {
          starting.interrupt();
          assertThat(Thread.interrupted()).isTrue();
        });
  }

  @Test
  void anInterruptEndsWithTheStart() {
    starting.during(starting::interrupt);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void isNotInterruptedBeforeAndAfter() {
    starting.interrupt();
    starting.during(() -> {});
    starting.interrupt();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void theApplicationsOwnInterruptIsKept() {
    starting.during(() -> Thread.currentThread().interrupt());
    assertThat(Thread.interrupted()).isTrue();
  }
}
