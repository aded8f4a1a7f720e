package dev.pgetl.internal.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallGateTest {
  private static final long LONG = Duration.ofSeconds(30).toNanos();

  private final CallGate gate = new CallGate(Platform.jvm());
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicInteger owned = new AtomicInteger();
  private final Attempts.Turn turn = gate.turn(owned::incrementAndGet, stopped::get);

  private Background<Boolean> begun() {
    return Background.call(
        () -> {
          turn.begin();
          return true;
        });
  }

  @Test
  void letsCallsThroughUntilItIsPaused() throws InterruptedException {
    turn.begin();
    assertThat(gate.pausedSince()).isNull();
    assertThat(gate.awaitPaused(LONG)).as("it is not paused").isFalse();

    assertThat(gate.pause()).isTrue();

    assertThat(gate.pausedSince()).isNotNull();
    assertThat(gate.awaitPaused(1)).as("a call is in progress").isFalse();
    turn.end();
    assertThat(gate.awaitPaused(LONG)).isTrue();
  }

  @Test
  void pausesAndResumesOnce() {
    assertThat(gate.resume()).isFalse();
    assertThat(gate.pause()).isTrue();
    assertThat(gate.pause()).isFalse();
    assertThat(gate.resume()).isTrue();
    assertThat(gate.pausedSince()).isNull();
  }

  /** Whether the process is the owner is asked after the wait, which may have been long. */
  @Test
  void aCallThatWaitedIsMadeOnceItIsResumed() throws Exception {
    assertThat(gate.pause()).isTrue();
    Background<Boolean> waiting = begun();
    assertThat(gate.awaitPaused(Duration.ofMillis(50).toNanos())).isTrue();
    assertThat(owned).hasValue(0);

    assertThat(gate.resume()).isTrue();

    assertThat(waiting.result()).isTrue();
    assertThat(owned).hasValue(1);
  }

  @Test
  void aCallerThatIsStoppedWaitsNoLonger() {
    assertThat(gate.pause()).isTrue();
    stopped.set(true);

    assertThatExceptionOfType(InterruptedException.class).isThrownBy(turn::begin);
  }

  @Test
  void theEndOfThePipelineEndsAllWaits() {
    assertThat(gate.pause()).isTrue();
    Background<Boolean> waiting = begun();

    gate.end();

    assertThatThrownBy(waiting::result).hasRootCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void whoIsNotTheOwnerMakesNoCall() throws InterruptedException {
    EtlException lost = new EtlException(ErrorKind.SLOT_IN_USE, "lost");
    Attempts.Turn refused =
        gate.turn(
            () -> {
              throw lost;
            },
            () -> false);

    assertThatThrownBy(refused::begin).isSameAs(lost);

    assertThat(gate.pause()).isTrue();
    assertThat(gate.awaitPaused(1)).as("nothing is in progress").isTrue();
  }

  /** Each attempt is a call. */
  @Test
  void aRetryIsHeldBackToo() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    Attempts calls =
        new Attempts(
                new Backoff(Duration.ofNanos(1), 3, new Random(1)),
                new Attempts.Between() {
                  @Override
                  public void retrying(EtlException failure, int attempt, Duration delay) {
                    assertThat(gate.pause()).isTrue();
                  }

                  @Override
                  public boolean await(long nanos) {
                    return true;
                  }
                })
            .eachIn(turn);
    Background<Boolean> running =
        Background.call(
            () ->
                calls.make(
                    () -> {
                      if (attempts.incrementAndGet() == 1) {
                        throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "busy");
                      }
                      return true;
                    }));
    await().until(() -> gate.pausedSince() != null);
    assertThat(gate.awaitPaused(LONG)).isTrue();
    assertThat(attempts).hasValue(1);

    assertThat(gate.resume()).isTrue();

    assertThat(running.result()).isTrue();
    assertThat(attempts).hasValue(2);
  }

  @Test
  void itsClockStopsWhileItIsPaused() {
    Duration pause = Duration.ofMillis(20);
    long begin = System.nanoTime();
    assertThat(gate.pause()).isTrue();
    long stopped = gate.nanos();
    await().pollDelay(pause).until(() -> true);
    assertThat(gate.nanos()).isEqualTo(stopped);

    assertThat(gate.resume()).isTrue();

    long passed = gate.nanos() - stopped;
    assertThat(passed).isBetween(0L, System.nanoTime() - begin - pause.toNanos());
  }
}
