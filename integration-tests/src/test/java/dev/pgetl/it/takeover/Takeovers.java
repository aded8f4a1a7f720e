package dev.pgetl.it.takeover;

import dev.pgetl.it.takeover.Calls.Call;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owners that are killed, paused, cut off from the store and replaced while the source is written
 * to. Afterwards everything has arrived, and the promise about epochs was kept. Owned by one
 * thread.
 */
final class Takeovers {
  private static final Logger LOG = LoggerFactory.getLogger(Takeovers.class);
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final String SHORT_LEASE = "-Dreplica.lease=" + SHORT.toMillis();
  private static final long SLOW = TimeUnit.SECONDS.toNanos(1);

  private static final List<String> FAILPOINTS =
      List.of(
          "BEFORE_EVENTS_WRITTEN",
          "AFTER_EVENTS_WRITTEN",
          "BEFORE_PROGRESS_STORED",
          "AFTER_PROGRESS_STORED");

  private final Path directory;
  private final int rate;
  private final Random random = new Random(42);
  private int runs;

  /**
   * Creates it; nothing runs yet.
   *
   * @param directory for what the replicas write
   * @param rate transactions a second
   */
  Takeovers(Path directory, int rate) {
    this.directory = directory;
    this.rate = rate;
  }

  private Replicas replicas() throws IOException {
    return new Replicas(Files.createDirectory(directory.resolve("run" + ++runs)), rate);
  }

  /** {@return the times of owners that were killed} Each is started again after the takeover. */
  Times kills(int count) throws IOException, InterruptedException {
    Times times = new Times();
    try (Replicas replicas = replicas()) {
      ReplicaProcess owner = replicas.start("r0");
      owner.awaitLine("owner");
      Call unused = replicas.awaitEvents(1);
      for (int i = 1; i <= count; i++) {
        ReplicaProcess next = awaitStandby(replicas.start("r" + i));
        awaitAnyMoment(replicas);
        long epoch = replicas.epoch();
        long before = replicas.journalled();
        long killedAt = System.nanoTime();
        owner.kill();
        note(times, killedAt, replicas.awaitEvents(epoch + 1, before), next, 0);
        owner = next;
      }
      replicas.assertComplete();
    }
    return times;
  }

  /** {@return the times of owners that were stopped at any moment with SIGSTOP} */
  Times pauses(int count) throws IOException, InterruptedException {
    Times times = new Times();
    try (Replicas replicas = replicas()) {
      ReplicaProcess owner = replicas.start("r0", SHORT_LEASE);
      owner.awaitLine("owner");
      Call unused = replicas.awaitEvents(1);
      for (int i = 1; i <= count; i++) {
        ReplicaProcess next = awaitStandby(replicas.start("r" + i, SHORT_LEASE));
        awaitAnyMoment(replicas);
        long epoch = replicas.epoch();
        long before = replicas.journalled();
        long pausedAt = System.nanoTime();
        owner.pause();
        note(times, pausedAt, replicas.awaitEvents(epoch + 1, before), next, SHORT.toNanos());
        owner.wake();
        owner.awaitLine("standby");
        owner.close();
        owner = next;
      }
      replicas.assertComplete();
    }
    return times;
  }

  /** {@return the times of owners that stop themselves at failpoints, as SIGSTOP does} */
  Times pausesAtFailpoints(int count) throws IOException {
    Times times = new Times();
    try (Replicas replicas = replicas()) {
      ReplicaProcess owner = startPausing(replicas, 0);
      owner.awaitLine("owner");
      Call unused = replicas.awaitEvents(1);
      for (int i = 1; i <= count; i++) {
        ReplicaProcess next = awaitStandby(startPausing(replicas, i));
        long epoch = replicas.epoch();
        long before = replicas.journalled();
        owner.arm();
        Call first = replicas.awaitEvents(epoch + 1, before);
        long pausedAt = owner.printedAt("paused", "").orElseThrow();
        note(times, pausedAt, first, next, SHORT.toNanos());
        owner.wake();
        owner.awaitLine("standby");
        owner.close();
        owner = next;
      }
      replicas.assertComplete();
    }
    return times;
  }

  private static ReplicaProcess startPausing(Replicas replicas, int number) {
    return replicas.start(
        "r" + number,
        SHORT_LEASE,
        "-Dreplica.pauseAt=" + FAILPOINTS.get(number % FAILPOINTS.size()));
  }

  /** {@return the times of owners that were cut off from the store} */
  Times cutOffs(int count) throws IOException, InterruptedException {
    Times times = new Times();
    TestPostgres server = TestPostgres.shared();
    try (Replicas replicas = replicas();
        TcpProxy one = TcpProxy.to(server.host(), server.port());
        TcpProxy other = TcpProxy.to(server.host(), server.port())) {
      TcpProxy toStore = one;
      ReplicaProcess owner = replicas.start("r0", toStore, SHORT_LEASE);
      owner.awaitLine("owner");
      Call unused = replicas.awaitEvents(1);
      for (int i = 1; i <= count; i++) {
        TcpProxy ofNext = i % 2 == 0 ? one : other;
        ReplicaProcess next = awaitStandby(replicas.start("r" + i, ofNext, SHORT_LEASE));
        awaitAnyMoment(replicas);
        long epoch = replicas.epoch();
        long before = replicas.journalled();
        long cutAt = System.nanoTime();
        toStore.stall();
        note(times, cutAt, replicas.awaitEvents(epoch + 1, before), next, SHORT.toNanos());
        toStore.heal();
        owner.awaitLine("standby");
        owner.close();
        owner = next;
        toStore = ofNext;
      }
      replicas.assertComplete();
    }
    return times;
  }

  /** {@return the gaps of a rolling restart of three replicas} */
  Times restarts(int count) throws IOException, InterruptedException {
    Times times = new Times();
    try (Replicas replicas = replicas()) {
      List<ReplicaProcess> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        running.add(replicas.start("r" + i));
        running.get(i).awaitLine("started");
      }
      Call unused = replicas.awaitEvents(1);
      for (int i = 3; i < 3 + count; i++) {
        awaitAnyMoment(replicas);
        ReplicaProcess owner = replicas.owner();
        long epoch = replicas.epoch();
        long before = replicas.journalled();
        owner.stop();
        Call first = replicas.awaitEvents(epoch + 1, before);
        long last = replicas.lastBefore(first).nanos();
        note(times, last, first, replicas.process(first.replica()), 0);
        running.remove(owner);
        running.add(replicas.start("r" + i));
        ReplicaProcess unusedToo = awaitStandby(running.get(2));
      }
      replicas.assertComplete();
    }
    return times;
  }

  private static ReplicaProcess awaitStandby(ReplicaProcess replica) {
    replica.awaitLine("standby");
    replica.awaitLogged("has rehearsed a takeover");
    return replica;
  }

  /** The owner has worked for a while; between two renewals, two stored positions, two batches. */
  private void awaitAnyMoment(Replicas replicas) {
    replicas.awaitWritten(rate / 2 + random.nextInt(rate));
  }

  private static void note(
      Times times, long fault, Call first, ReplicaProcess owner, long expected) {
    times.add(fault, first.nanos(), owner);
    LOG.info("{}", times);
    if (first.nanos() - fault > expected + SLOW) {
      LOG.warn("a slow takeover, from {} to {}:\n{}", fault, first.nanos(), owner.output());
    }
  }
}
