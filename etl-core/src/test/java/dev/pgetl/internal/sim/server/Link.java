package dev.pgetl.internal.sim.server;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import java.util.concurrent.TimeUnit;

/** A client's connection: may be cut by either side, or by the network. */
final class Link {
  private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Cluster cluster;
  private final Runnable whenCut;
  private final int pid;
  private boolean cut;
  private long noticedAt;

  private Link(Cluster cluster, Runnable whenCut) {
    this.cluster = cluster;
    this.whenCut = whenCut;
    this.pid = cluster.newPid();
  }

  /** {@return its server process} */
  int pid() {
    return pid;
  }

  /** {@return when the server notices that its client has gone} */
  long noticedAt() {
    return noticedAt;
  }

  /** Connects. */
  static Link open(Cluster cluster, String doing, Runnable whenCut) {
    travel(cluster);
    if (!cluster.reachable()) {
      Doing before = Movement.begin(Doing.AWAITS_SOURCE);
      cluster.changed().await(cluster.now() + CONNECT_NANOS, false);
      Movement.end(before);
    }
    if (!cluster.accepts()) {
      throw unavailable(doing);
    }
    Link link = new Link(cluster, whenCut);
    cluster.connected(link);
    return link;
  }

  private static void travel(Cluster cluster) {
    cluster.scheduler().pause(100_000 + cluster.random().nextInt(2_000_000));
  }

  static EtlException unavailable(String doing) {
    return new EtlException(
        ErrorKind.SOURCE_UNAVAILABLE, doing + " failed: the server cannot be reached");
  }

  /** A question goes to the server, or the answer comes back: both can fail. */
  void travel(String doing) {
    travel(cluster);
    require(doing);
  }

  void require(String doing) {
    cluster.scheduler().requireAlive();
    if (cut || !cluster.reachable()) {
      cut();
      throw unavailable(doing);
    }
  }

  boolean isCut() {
    return cut;
  }

  void cut() {
    if (!cut) {
      cut = true;
      long late = cluster.random().nextInt(4) == 0 ? cluster.random().nextLong(3_000_000_000L) : 0;
      noticedAt = cluster.now() + late;
      cluster.disconnected(this);
      whenCut.run();
      cluster.changed().wakeAll();
    }
  }
}
