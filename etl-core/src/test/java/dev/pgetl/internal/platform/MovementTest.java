package dev.pgetl.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.internal.platform.Movement.Lap;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MovementTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** A running clock may begin anywhere, and overflow. */
  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 1, Long.MIN_VALUE, -1, 1L << 60, (1L << 61) - 1})
  void countsSinceTheLastLap(long begin) {
    ManualPlatform platform = new ManualPlatform(begin);
    Movements movements = new Movements(platform);

    movements.during(
        "t",
        () -> {
          platform.advance(Duration.ofSeconds(3));
          assertThat(movements.laps()).containsExactly(new Lap("t", Doing.WORKS, 3 * SECOND));

          Doing before = Movement.begin(Doing.AWAITS_STORE);
          platform.advance(Duration.ofHours(1));
          assertThat(movements.laps())
              .containsExactly(new Lap("t", Doing.AWAITS_STORE, 3600 * SECOND));

          Movement.end(before);
          platform.advance(Duration.ofSeconds(1));
          assertThat(movements.laps()).containsExactly(new Lap("t", Doing.WORKS, SECOND));
        });

    assertThat(movements.laps()).isEmpty();
  }

  /** A lock inside of a call is a part of the call; a call inside of a call is its own. */
  @Test
  void aCallIsOneWait() {
    Movements movements = new Movements(new ManualPlatform(0));

    movements.during(
        "t",
        () -> {
          Doing before = Movement.begin(Doing.AWAITS_DESTINATION);
          Doing inside = Movement.begin(Doing.AWAITS_WORK);
          assertThat(doing(movements)).isEqualTo(Doing.AWAITS_DESTINATION);
          Movement.end(inside);
          Doing other = Movement.begin(Doing.AWAITS_STORE);
          assertThat(doing(movements)).isEqualTo(Doing.AWAITS_STORE);
          Movement.end(other);
          assertThat(doing(movements)).isEqualTo(Doing.AWAITS_DESTINATION);
          Movement.end(before);
          assertThat(doing(movements)).isEqualTo(Doing.WORKS);
        });
  }

  /** A thread that starts one pipeline on behalf of another has its own movement again after it. */
  @Test
  void whatIsInsideEndsBefore() {
    ManualPlatform platform = new ManualPlatform(0);
    Movements outer = new Movements(platform);
    Movements inner = new Movements(platform);

    outer.during(
        "o",
        () -> {
          inner.during(
              "i",
              () -> {
                Doing unused = Movement.begin(Doing.AWAITS_SOURCE);
                assertThat(doing(inner)).isEqualTo(Doing.AWAITS_SOURCE);
                assertThat(doing(outer)).isEqualTo(Doing.AWAITS_WORK);
              });
          assertThat(doing(outer)).isEqualTo(Doing.WORKS);
          Doing unused = Movement.begin(Doing.AWAITS_STORE);
          assertThat(doing(outer)).isEqualTo(Doing.AWAITS_STORE);
        });
  }

  @Test
  void aThreadOfNoPipelineHasNone() {
    Doing before = Movement.begin(Doing.AWAITS_SOURCE);
    Movement.end(before);

    assertThat(before).isEqualTo(Doing.WORKS);
  }

  @Test
  void aLockThatAnotherThreadHasIsAWait() throws InterruptedException {
    WatchedLock lock = new WatchedLock();
    Movements movements = new Movements(Platform.jvm());
    Thread waiting = new Thread(() -> movements.during("t", lock::lock));
    lock.lock();
    try {
      waiting.start();
      awaitDoing(movements, Doing.AWAITS_LOCK);
    } finally {
      lock.unlock();
    }
    waiting.join();
  }

  @Test
  void aConditionIsAWait() throws InterruptedException {
    Movements movements = new Movements(Platform.jvm());
    Latch latch = new Latch(Platform.jvm());
    Thread waiting = new Thread(() -> movements.during("t", latch::awaitUninterruptibly));
    waiting.start();
    awaitDoing(movements, Doing.AWAITS_WORK);
    latch.open();
    waiting.join();
  }

  private static void awaitDoing(Movements movements, Doing doing) {
    while (movements.laps().stream().noneMatch(lap -> lap.doing() == doing)) {
      Thread.onSpinWait();
    }
  }

  private static Doing doing(Movements movements) {
    List<Lap> laps = movements.laps();
    assertThat(laps).hasSize(1);
    return laps.get(0).doing();
  }
}
