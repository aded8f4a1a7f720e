package dev.pgetl.internal.capture.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The server processes of the streams that this process opened and that may still be there, by
 * their numbers: one that has lost its connection keeps its slot for a while. Thread-safe.
 */
public final class OwnBackends {
  private final Set<Integer> pids = ConcurrentHashMap.newKeySet();

  /** Creates an empty set. */
  public OwnBackends() {}

  /** A stream was opened. */
  public void opened(int pid) {
    pids.add(pid);
  }

  /** {@return whether a process is one of them} */
  public boolean contains(int pid) {
    return pids.contains(pid);
  }

  /** {@return those that are known now} */
  public Set<Integer> all() {
    return Set.copyOf(pids);
  }

  /**
   * Forgets those that have ended: the server may give their numbers to others.
   *
   * @param asked those that the server was asked for
   * @param present those of them that it has
   */
  public void keep(Set<Integer> asked, Set<Integer> present) {
    pids.removeIf(pid -> asked.contains(pid) && !present.contains(pid));
  }
}
