package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.it.takeover.Calls.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas in processes of their own are killed, paused and replaced while the source is written
 * to. Larger runs, on a machine of their own: {@code -Dtakeover.kills=200 -Dtakeover.pauses=300
 * -Dtakeover.restarts=30 -Dtakeover.rate=1000 -Dtakeover.limit=3000}.
 */
class TakeoverIT {
  private static final Logger LOG = LoggerFactory.getLogger(TakeoverIT.class);
  private static final int RATE = Integer.getInteger("takeover.rate", 200);

  /** A machine that builds at the same time says nothing about milliseconds. */
  private static final long LIMIT = Long.getLong("takeover.limit", 30_000);

  private static final String SHORT_LEASE = "-Dreplica.lease=2000";
  private static final List<String> PAUSES =
      List.of(
          "BEFORE_EVENTS_WRITTEN",
          "AFTER_EVENTS_WRITTEN",
          "BEFORE_PROGRESS_STORED",
          "AFTER_PROGRESS_STORED");

  @TempDir Path directory;

  @Test
  void anotherTakesOverFromAKilledOwner() throws InterruptedException {
    int kills = Integer.getInteger("takeover.kills", 2);
    List<Long> millis = new ArrayList<>();
    try (Replicas replicas = new Replicas(directory, RATE)) {
      ReplicaProcess owner = replicas.start("r0");
      owner.awaitLine("owner");
      Call unused = replicas.awaitEvents(1);
      ReplicaProcess next = replicas.start("r1");
      next.awaitLine("standby r0");
      for (int i = 2; i < kills + 2; i++) {
        long epoch = replicas.calls().epoch();
        long killedAt = System.nanoTime();
        owner.kill();
        Call first = replicas.awaitEvents(epoch + 1);
        millis.add(TimeUnit.NANOSECONDS.toMillis(first.nanos() - killedAt));
        owner = next;
        next = replicas.start("r" + i);
        next.awaitLine("standby");
      }
      replicas.assertComplete();
    }
    report("from kill -9 to the first event of another", millis);
    assertThat(Collections.max(millis)).isLessThan(LIMIT);
  }

  @Test
  void anotherTakesOverFromAPausedOwner() {
    int pauses = Integer.getInteger("takeover.pauses", 2);
    List<Long> millis = new ArrayList<>();
    int late = 0;
    try (Replicas replicas = new Replicas(directory, RATE)) {
      ReplicaProcess owner = startPausing(replicas, 0);
      owner.awaitLine("owner");
      for (int i = 1; i <= pauses; i++) {
        ReplicaProcess next = startPausing(replicas, i);
        next.awaitLine("standby");
        owner.awaitLine("paused");
        long pausedAt = System.nanoTime();
        Call first = replicas.awaitEvents(replicas.calls().epoch() + 1);
        millis.add(TimeUnit.NANOSECONDS.toMillis(first.nanos() - pausedAt));
        owner.wake();
        owner.awaitLine("standby");
        owner.close();
        owner = next;
      }
      late = replicas.calls().late().size();
      if (pauses > 0) {
        owner.awaitLine("paused");
        owner.wake();
      }
      replicas.assertComplete();
    }
    report("from SIGSTOP to the first event of another, " + late + " late calls", millis);
    assertThat(Collections.max(millis)).isLessThan(LIMIT);
  }

  /** A replica that stops itself a while after it has become the owner. */
  private static ReplicaProcess startPausing(Replicas replicas, int number) {
    return replicas.start(
        "r" + number,
        SHORT_LEASE,
        "-Dreplica.pauseAt=" + PAUSES.get(number % PAUSES.size()),
        "-Dreplica.pauseTime=20");
  }

  @Test
  void aRollingRestartHandsOverAtOnce() throws IOException, InterruptedException {
    List<Long> gaps = new ArrayList<>();
    try (Replicas replicas = new Replicas(directory, RATE)) {
      List<ReplicaProcess> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        running.add(replicas.start("r" + i));
        running.get(i).awaitLine("started");
      }
      Call unused = replicas.awaitEvents(1);
      for (int i = 3; i < 3 + Integer.getInteger("takeover.restarts", 3); i++) {
        String name = replicas.calls().owner();
        long epoch = replicas.calls().epoch();
        ReplicaProcess owner =
            running.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
        owner.stop();
        Call first = replicas.awaitEvents(epoch + 1);
        gaps.add(gapBefore(replicas.calls(), first));
        running.remove(owner);
        running.add(replicas.start("r" + i));
        running.get(2).awaitLine("started STANDBY");
      }
      replicas.assertComplete();
    }
    report("gap of a rolling restart", gaps);
    assertThat(Collections.max(gaps)).isLessThan(LIMIT);
  }

  /** {@return how long no call with rows began before this one, in milliseconds} */
  private static long gapBefore(Calls calls, Call first) {
    long before =
        calls.calls().stream()
            .filter(call -> call.hasRows() && call.nanos() < first.nanos())
            .mapToLong(Call::nanos)
            .max()
            .orElseThrow();
    return TimeUnit.NANOSECONDS.toMillis(first.nanos() - before);
  }

  private static void report(String what, List<Long> millis) {
    List<Long> sorted = new ArrayList<>(millis);
    Collections.sort(sorted);
    LOG.info(
        "{}: {} times, median {} ms, p99 {} ms, longest {} ms",
        what,
        sorted.size(),
        sorted.get(sorted.size() / 2),
        sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1),
        sorted.get(sorted.size() - 1));
  }
}
