package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TroubleTest {
  private final EtlException away =
      new EtlException(ErrorKind.STORE_UNAVAILABLE, "storing position 0/10 failed");
  private final EtlException busy =
      new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "writing failed").withFix("Wait.");

  private final ManualPlatform platform = new ManualPlatform(0);
  private final Instant begin = platform.instant();
  private final List<String> calls = new ArrayList<>();
  private final PipelineListener listener =
      new PipelineListener() {
        @Override
        public void onRetry(EtlException failure, int attempt, Duration delay) {
          calls.add(failure.kind() + " " + attempt + " " + delay);
        }
      };
  private final Trouble trouble = new Trouble(listener, platform);

  /** The store fails as well as the destination: the line says which, and not the wrong one. */
  @Test
  void aRetryIsLoggedWithItsKindAndReported() {
    try (RecordedLog log = new RecordedLog(Trouble.class)) {
      trouble.retrying(away, 2, Duration.ofMillis(20));

      assertThat(log.lines())
          .containsExactly(
              "retrying in 20 ms (attempt 2): STORE_UNAVAILABLE: storing position 0/10 failed");
    }
    assertThat(calls).containsExactly("STORE_UNAVAILABLE 2 PT0.02S");
  }

  @Test
  void saysSinceWhenItFailsAndWhenItIsRetried() {
    assertThat(trouble.now()).isNull();
    trouble.retrying(away, 1, Duration.ofSeconds(1));
    platform.advance(Duration.ofSeconds(9));
    trouble.retrying(busy, 2, Duration.ofSeconds(2));

    assertThat(trouble.now())
        .isEqualTo(
            new FailureStatus(
                ErrorKind.DESTINATION_UNAVAILABLE,
                "writing failed. Wait.",
                begin,
                2,
                begin.plusSeconds(11)));
  }

  @Test
  void saysWhenItIsOver() {
    try (RecordedLog log = new RecordedLog(Trouble.class)) {
      trouble.over();
      trouble.failed(busy, 5, null);
      platform.advance(Duration.ofSeconds(90));
      trouble.over();
      trouble.over();

      assertThat(log.lines())
          .containsExactly("the destination answers again after 5 failed attempts in PT1M30S");
    }
    assertThat(trouble.now()).isNull();
  }

  @Test
  void knowsWhatFailedInAnEarlierProcess() {
    trouble.known(new Errored("no", "fix it", RetryDirective.MANUAL, 3, ErrorKind.SOURCE_DATA));

    assertThat(trouble.now())
        .isEqualTo(new FailureStatus(ErrorKind.SOURCE_DATA, "no. fix it", begin, 3, null));
  }

  @Test
  void theLongestOfSeveralCounts() {
    Trouble other = new Trouble(listener, platform);
    assertThat(Trouble.longest(trouble, other)).isNull();
    other.failed(busy, 1, null);
    platform.advance(Duration.ofSeconds(1));
    trouble.failed(away, 1, null);

    assertThat(Trouble.longest(trouble, other)).isEqualTo(other.now());
  }
}
