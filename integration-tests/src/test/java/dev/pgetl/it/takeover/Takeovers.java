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

  /** What happens to one owner after the other. Processes are numbered from 0. */
  private interface Fault {
    ReplicaProcess start(Replicas replicas, int number);

    void begin(ReplicaProcess owner, int number) throws IOException, InterruptedException;

    void end(ReplicaProcess owner, int number) throws IOException, InterruptedException;

    /** {@return how long the others have to wait for the lease, in nanoseconds} */
    long expected();
  }

  private Times repeat(int count, Fault fault) throws IOException, InterruptedException {
    Times times = new Times();
    try (Replicas replicas = replicas()) {
      ReplicaProcess owner = fault.start(replicas, 0);
      owner.awaitLine("owner");
      Call unused = replicas.awaitEvents(1);
      for (int i = 1; i <= count; i++) {
        ReplicaProcess next = awaitStandby(fault.start(replicas, i));
        awaitAnyMoment(replicas);
        long epoch = replicas.epoch();
        long before = replicas.journalled();
        long begin = System.nanoTime();
        fault.begin(owner, i - 1);
        Call first = replicas.awaitEvents(epoch + 1, before);
        begin = owner.printedAt("paused", "").orElse(begin);
        note(times, begin, first, next, fault.expected());
        fault.end(owner, i - 1);
        owner = next;
      }
      replicas.assertComplete();
    }
    return times;
  }

  /** {@return the times of owners that were killed} Each is started again after the takeover. */
  Times kills(int count) throws IOException, InterruptedException {
    return repeat(
        count,
        new Fault() {
          @Override
          public ReplicaProcess start(Replicas replicas, int number) {
            return replicas.start("r" + number);
          }

          @Override
          public void begin(ReplicaProcess owner, int number) throws InterruptedException {
            owner.kill();
          }

          @Override
          public void end(ReplicaProcess owner, int number) {
            // it has ended
          }

          @Override
          public long expected() {
            return 0;
          }
        });
  }

  /** An owner with a short lease that waits for its turn again, and is closed then. */
  private abstract static class Absence implements Fault {
    @Override
    public ReplicaProcess start(Replicas replicas, int number) {
      return replicas.start("r" + number, SHORT_LEASE);
    }

    abstract void comeBack(ReplicaProcess owner, int number)
        throws IOException, InterruptedException;

    @Override
    public final void end(ReplicaProcess owner, int number)
        throws IOException, InterruptedException {
      comeBack(owner, number);
      owner.awaitLine("standby");
      owner.close();
    }

    @Override
    public final long expected() {
      return SHORT.toNanos();
    }
  }

  /** {@return the times of owners that were stopped at any moment with SIGSTOP} */
  Times pauses(int count) throws IOException, InterruptedException {
    return repeat(
        count,
        new Absence() {
          @Override
          public void begin(ReplicaProcess owner, int number) {
            owner.pause();
          }

          @Override
          void comeBack(ReplicaProcess owner, int number) {
            owner.wake();
          }
        });
  }

  /** {@return the times of owners that stop themselves at failpoints, as SIGSTOP does} */
  Times pausesAtFailpoints(int count) throws IOException, InterruptedException {
    return repeat(
        count,
        new Absence() {
          @Override
          public ReplicaProcess start(Replicas replicas, int number) {
            String failpoint = FAILPOINTS.get(number % FAILPOINTS.size());
            return replicas.start("r" + number, SHORT_LEASE, "-Dreplica.pauseAt=" + failpoint);
          }

          @Override
          public void begin(ReplicaProcess owner, int number) throws IOException {
            owner.arm();
          }

          @Override
          void comeBack(ReplicaProcess owner, int number) {
            owner.wake();
          }
        });
  }

  /** {@return the times of owners that were cut off from the store} */
  Times cutOffs(int count) throws IOException, InterruptedException {
    TestPostgres server = TestPostgres.shared();
    try (TcpProxy one = TcpProxy.to(server.host(), server.port());
        TcpProxy other = TcpProxy.to(server.host(), server.port())) {
      List<TcpProxy> toStore = List.of(one, other);
      return repeat(
          count,
          new Absence() {
            @Override
            public ReplicaProcess start(Replicas replicas, int number) {
              return replicas.start("r" + number, toStore.get(number % 2), SHORT_LEASE);
            }

            @Override
            public void begin(ReplicaProcess owner, int number) {
              toStore.get(number % 2).stall();
            }

            @Override
            void comeBack(ReplicaProcess owner, int number) {
              toStore.get(number % 2).heal();
            }
          });
    }
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
