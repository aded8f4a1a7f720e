package dev.pgetl.internal.sim.server;

import dev.pgetl.internal.capture.session.Ownership;
import java.util.Collection;

/** A pipeline's advisory lock on one connection to a scripted cluster. */
record ScriptedLock(Cluster cluster, String pipeline, Link link) implements Ownership.SessionLock {
  private static final String DOING = "look who runs the pipeline";

  @Override
  public boolean tryExclusive() {
    return ask(cluster.locks(pipeline).tryExclusive(link));
  }

  @Override
  public void releaseExclusive() {
    link.travel(DOING);
    cluster.locks(pipeline).releaseExclusive(link);
  }

  @Override
  public boolean tryShared() {
    return ask(cluster.locks(pipeline).tryShared(link));
  }

  @Override
  public void releaseShared() {
    link.travel(DOING);
    cluster.locks(pipeline).releaseShared(link);
  }

  @Override
  public Collection<Ownership.Holder> holders() {
    link.travel(DOING);
    return cluster.locks(pipeline).holders().stream()
        .map(each -> new Ownership.Holder(each.pid(), "once", "process " + each.pid()))
        .toList();
  }

  @Override
  public void end(Collection<Ownership.Holder> holders) {
    throw new UnsupportedOperationException("only a process with a lease ends others");
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
