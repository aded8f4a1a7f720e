package dev.pgetl.internal.sim.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private static final long HOUR = Duration.ofHours(1).toNanos();

  private final Scheduler scheduler = new Scheduler(7);
  private final SimProcess process = scheduler.newProcess("p");
  private final List<String> told = new ArrayList<>();

  @Test
  void timeJumpsToTheEarliestDeadline() throws Exception {
    scheduler.run(
        () -> {
          scheduler.thread(process, () -> tellIn(3 * HOUR, "late")).start();
          scheduler.thread(process, () -> tellIn(HOUR, "soon")).start();
          scheduler.pause(4 * HOUR);
        });

    assertThat(told).containsExactly("soon", "late");
    assertThat(scheduler.now()).isGreaterThanOrEqualTo(4 * HOUR).isLessThan(5 * HOUR);
  }

  private void tellIn(long nanos, String what) {
    scheduler.pause(nanos);
    told.add(what);
  }

  @Test
  void reportsThatAllWaitForEver() {
    assertThatThrownBy(
            () ->
                scheduler.run(() -> new Latch(scheduler.platform(process)).awaitUninterruptibly()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("all threads wait for ever")
        .hasMessageContaining("Latch.awaitUninterruptibly");
  }

  @Test
  void anInterruptionEndsAWait() throws Exception {
    scheduler.run(
        () -> {
          Platform platform = scheduler.platform(process);
          Thread waiter = scheduler.thread(process, () -> tellEndOfWait(new Latch(platform)));
          waiter.start();
          scheduler.pause(HOUR);
          waiter.interrupt();
          scheduler.pause(HOUR);
        });

    assertThat(told).containsExactly("interrupted");
  }

  private void tellEndOfWait(Latch latch) {
    try {
      boolean unused = latch.await(Long.MAX_VALUE);
      told.add("opened");
    } catch (InterruptedException e) {
      told.add("interrupted");
    }
  }

  @Test
  void aKilledProcessDoesNothingMore() throws Exception {
    scheduler.run(
        () -> {
          scheduler
              .thread(
                  process,
                  () -> {
                    try {
                      tellIn(HOUR, "alive");
                      tellIn(HOUR, "still alive");
                    } finally {
                      tellIn(0, "alive after death");
                    }
                  })
              .start();
          scheduler.pause(HOUR + HOUR / 2);
          scheduler.kill(process);
          scheduler.pause(HOUR);
        });

    assertThat(told).containsExactly("alive");
  }

  @Test
  void oneThreadAtATimeHoldsALock() throws Exception {
    int[] inside = new int[1];
    scheduler.run(
        () -> {
          Lock lock = scheduler.platform(process).newLock();
          for (int i = 0; i < 5; i++) {
            scheduler.thread(process, () -> enter(lock, inside)).start();
          }
          scheduler.pause(HOUR);
        });

    assertThat(told).hasSize(5).containsOnly("alone");
  }

  private void enter(Lock lock, int[] inside) {
    lock.lock();
    try {
      inside[0]++;
      scheduler.pause(1_000_000);
      told.add(inside[0] == 1 ? "alone" : "together");
      inside[0]--;
    } finally {
      lock.unlock();
    }
  }
}
