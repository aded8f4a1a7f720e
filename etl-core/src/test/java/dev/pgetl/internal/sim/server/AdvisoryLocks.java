package dev.pgetl.internal.sim.server;

import java.util.ArrayList;
import java.util.List;

/** Who holds the advisory lock of the pipeline; the server notices late that a client has gone. */
final class AdvisoryLocks {
  private final Cluster cluster;
  private final List<Link> shared = new ArrayList<>();
  private final List<Link> exclusive = new ArrayList<>();

  AdvisoryLocks(Cluster cluster) {
    this.cluster = cluster;
  }

  private void forgetGone() {
    shared.removeIf(this::isGone);
    exclusive.removeIf(this::isGone);
  }

  private boolean isGone(Link link) {
    return link.isCut() && cluster.now() >= link.noticedAt();
  }

  boolean tryExclusive(Link link) {
    forgetGone();
    boolean free =
        exclusive.stream().allMatch(link::equals) && shared.stream().allMatch(link::equals);
    if (free) {
      exclusive.add(link);
    }
    return free;
  }

  boolean tryShared(Link link) {
    forgetGone();
    boolean free = exclusive.stream().allMatch(link::equals);
    if (free) {
      shared.add(link);
    }
    return free;
  }

  void releaseExclusive(Link link) {
    boolean unused = exclusive.remove(link);
  }

  void releaseShared(Link link) {
    boolean unused = shared.remove(link);
  }

  List<Link> holders() {
    forgetGone();
    List<Link> all = new ArrayList<>(shared);
    all.addAll(exclusive);
    return all;
  }

  /** The server is started again. */
  void clear() {
    shared.clear();
    exclusive.clear();
  }
}
