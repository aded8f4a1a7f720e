package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SupervisorTest {
  private final CompletableFuture<Throwable> told = new CompletableFuture<>();
  private final Supervisor supervisor =
      new Supervisor("shop", Executors.defaultThreadFactory(), told::complete);

  @AfterEach
  void stop() {
    supervisor.stop();
  }

  /** Else the publication would not be looked at any more, and nobody would know. */
  @Test
  void tellsOfATaskThatEndsByAnError() {
    LinkageError missing = new LinkageError("missing");
    supervisor.later(
        Duration.ZERO,
        () -> {
          throw missing;
        });
    assertThat(told).succeedsWithin(Duration.ofSeconds(10)).isSameAs(missing);
  }
}
