package dev.pgetl.internal.sim.server;

import dev.pgetl.internal.capture.session.Ownership;
import java.util.Collection;

/** A pipeline's advisory lock on one connection to a scripted cluster. */
record ScriptedLock(Cluster cluster, Link link) implements Ownership.SessionLock {
  private static final String DOING = "look who runs the pipeline";

  @Override
  public boolean tryExclusive() {
    return ask(cluster.locks().tryExclusive(link));
  }

  @Override
  public void releaseExclusive() {
    link.travel(DOING);
    cluster.locks().releaseExclusive(link);
  }

  @Override
  public boolean tryShared() {
    return ask(cluster.locks().tryShared(link));
  }

  @Override
  public void releaseShared() {
    link.travel(DOING);
    cluster.locks().releaseShared(link);
  }

  @Override
  public Collection<Ownership.Holder> holders() {
    link.travel(DOING);
    return cluster.locks().holders().stream()
        .map(each -> new Ownership.Holder(each.pid(), "", "process " + each.pid()))
        .toList();
  }

  @Override
  public int pid() {
    return link.pid();
  }

  /** What was done is done even if the answer does not arrive. */
  private boolean ask(boolean done) {
    link.travel(DOING);
    return done;
  }
}
