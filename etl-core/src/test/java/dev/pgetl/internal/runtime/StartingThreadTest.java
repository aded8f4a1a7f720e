package dev.pgetl.internal.runtime;

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
    starting.begin();
    starting.interrupt();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterruptEndsWithTheStart() {
    starting.begin();
    starting.interrupt();
    starting.end();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void isNotInterruptedBeforeAndAfter() {
    starting.interrupt();
    starting.begin();
    starting.end();
    starting.interrupt();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void theApplicationsOwnInterruptIsKept() {
    starting.begin();
    Thread.currentThread().interrupt();
    starting.end();
    assertThat(Thread.interrupted()).isTrue();
  }
}
