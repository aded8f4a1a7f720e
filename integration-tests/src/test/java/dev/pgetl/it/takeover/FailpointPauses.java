package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * An owner stops itself at a failpoint of its start, its copy, its stream or its end, and another
 * process takes over, from a pipeline that begins empty each time. The owner wakes behind that, and
 * must do nothing more. Owned by one thread.
 */
final class FailpointPauses {
  private static final int RATE = 200;

  /** Reached when an owner is asked to end. */
  private static final Set<Failpoint> OF_THE_END =
      EnumSet.of(Failpoint.BEFORE_FINAL_STATUS, Failpoint.AFTER_FINAL_STATUS);

  /** Reached when an owner continues a copy that another one has begun. */
  private static final Set<Failpoint> OF_INTERRUPTED_COPIES =
      EnumSet.of(Failpoint.BEFORE_RANGE_REMOVED, Failpoint.AFTER_RANGE_REMOVED);

  private static final String[] OPTIONS = {"-Dreplica.lease=2000", "-Dreplica.ranges=true"};

  private final Path directory;

  /**
   * Creates it; nothing runs yet.
   *
   * @param directory for what the replicas write
   */
  FailpointPauses(Path directory) {
    this.directory = directory;
  }

  /** Has an owner stop at a failpoint, and checks what arrived. */
  void at(Failpoint failpoint) throws IOException, InterruptedException {
    Path run = Files.createDirectory(directory.resolve(failpoint.name()));
    try (Replicas replicas = new Replicas(run, RATE)) {
      replicas.awaitWritten(RATE);
      if (OF_INTERRUPTED_COPIES.contains(failpoint)) {
        ReplicaProcess before = pausingAt(Failpoint.AFTER_ROWS_WRITTEN, replicas, "before");
        before.awaitLine("paused");
        before.kill();
      }
      ReplicaProcess owner = pausingAt(failpoint, replicas, "owner");
      boolean ends = OF_THE_END.contains(failpoint);
      if (ends) {
        owner.awaitLine("started RUNNING");
        owner.shutdown();
      }
      owner.awaitLine("paused");
      ReplicaProcess next = replicas.start("next", OPTIONS);
      next.awaitLine("owner");
      replicas.awaitDelivered();
      owner.wake();
      owner.awaitLine(ends ? "ended" : "standby next");
      replicas.assertComplete();
      assertThat(replicas.calls().late()).as("each call is checked behind it").isEmpty();
    }
  }

  private static ReplicaProcess pausingAt(Failpoint failpoint, Replicas replicas, String name) {
    return replicas.start(
        name, OPTIONS[0], OPTIONS[1], "-Dreplica.pauseAt=" + failpoint, "-Dreplica.armed=true");
  }
}
