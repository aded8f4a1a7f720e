package dev.pgetl.internal.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RestartsTest {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private final Restarts restarts = new Restarts(FIRST, LONGEST, new Random(42));

  private static EtlException failure(ErrorKind kind) {
    return new EtlException(kind, "something fails");
  }

  private void assertDelay(EtlException failure, int failures, Duration full) {
    for (int run = 0; run < 1_000; run++) {
      assertThat(restarts.delay(failure, failures).orElseThrow())
          .isBetween(full, full.plus(full.dividedBy(4)));
    }
  }

  @Test
  void doublesUpToTheLongest() {
    EtlException away = failure(ErrorKind.SOURCE_UNAVAILABLE);
    int[] seconds = {1, 2, 4, 8, 16, 32, 60, 60};
    for (int i = 0; i < seconds.length; i++) {
      assertDelay(away, i + 1, Duration.ofSeconds(seconds[i]));
    }
    assertDelay(away, Integer.MAX_VALUE, LONGEST);
  }

  @Test
  void waitsLongestForManualIntervention() {
    assertDelay(failure(ErrorKind.SOURCE_PERMISSION), 1, LONGEST);
    assertDelay(failure(ErrorKind.SLOT_LOST), 7, LONGEST);
  }

  @Test
  void doesNotStartAgainWhatNeverPasses() {
    assertThat(restarts.delay(failure(ErrorKind.CONFIGURATION), 1)).isEmpty();
    EtlException never = failure(ErrorKind.SOURCE_BUSY).withRetry(RetryDirective.NONE);
    assertThat(restarts.delay(never, 1)).isEmpty();
  }

  @Test
  void followsTheFailureBeforeItsKind() {
    EtlException passing = failure(ErrorKind.SOURCE_PERMISSION).withRetry(RetryDirective.TIMED);
    assertDelay(passing, 1, FIRST);
    assertThat(Restarts.needsManualIntervention(passing)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(ErrorKind.class)
  void anotherProcessMayEnd(ErrorKind kind) {
    boolean passes = kind.retry() == RetryDirective.TIMED || kind == ErrorKind.STORE_LOCKED;
    assertThat(Restarts.needsManualIntervention(failure(kind))).isEqualTo(!passes);
  }

  @Test
  void delaysThatContradictEachOtherAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Restarts(/* first= */ LONGEST, /* longest= */ FIRST, new Random(42)))
        .withMessageContaining("PT1M and PT1S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Restarts(Duration.ZERO, FIRST, new Random(42)));
  }
}
