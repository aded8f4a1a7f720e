package dev.pgetl.internal.capture.session;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * A server with one advisory lock, in memory. Numbers of server processes are used again. Owned by
 * the test's thread.
 */
final class ModelLock {
  private final TreeMap<Integer, Session> sessions = new TreeMap<>();
  private Runnable meanwhile = () -> {};
  private int started;

  /**
   * Says what happens elsewhere before the server answers a call.
   *
   * @param event runs before every answer
   */
  void meanwhile(Runnable event) {
    meanwhile = event;
  }

  /** {@return a new session with the smallest free number} */
  Session connect(String client) {
    int pid = 1;
    while (sessions.containsKey(pid)) {
      pid++;
    }
    Session session = new Session(pid, client, "start " + ++started);
    sessions.put(pid, session);
    return session;
  }

  /** {@return all sessions that have not ended} */
  List<Session> sessions() {
    return List.copyOf(sessions.values());
  }

  /** One session; it holds the lock until it has ended. */
  final class Session implements Ownership.SessionLock {
    private final int pid;
    private final String client;
    private String startedAt;
    private boolean exclusive;
    private boolean shared;

    private Session(int pid, String client, String startedAt) {
      this.pid = pid;
      this.client = client;
      this.startedAt = startedAt;
    }

    String client() {
      return client;
    }

    /** It is about to end: answers no more, shows its start no more, and still holds. */
    void fade() {
      startedAt = "";
    }

    void end() {
      sessions.remove(pid, this);
    }

    /** {@return whether it answers} */
    boolean isAlive() {
      return sessions.get(pid) == this && !startedAt.isEmpty();
    }

    /** {@return whether another session could not have the lock for itself} */
    boolean isHolding() {
      return sessions.get(pid) == this && (exclusive || shared);
    }

    private void travel() {
      meanwhile.run();
      if (!isAlive()) {
        throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "session " + pid + " has ended");
      }
    }

    @Override
    public boolean tryExclusive() {
      travel();
      exclusive |= sessions().stream().noneMatch(other -> other != this && other.isHolding());
      return exclusive;
    }

    @Override
    public void releaseExclusive() {
      travel();
      exclusive = false;
    }

    @Override
    public boolean tryShared() {
      travel();
      shared |= sessions().stream().noneMatch(other -> other != this && other.exclusive);
      return shared;
    }

    @Override
    public void releaseShared() {
      travel();
      shared = false;
    }

    @Override
    public Collection<Ownership.Holder> holders() {
      travel();
      return sessions().stream()
          .filter(Session::isHolding)
          .map(holder -> new Ownership.Holder(holder.pid, holder.startedAt, holder.client))
          .toList();
    }

    @Override
    public void end(Collection<Ownership.Holder> holders) {
      travel();
      for (Ownership.Holder holder : holders) {
        Session held = sessions.get(holder.pid());
        if (held != null && held.startedAt.equals(holder.startedAt())) {
          held.end();
        }
      }
    }

    @Override
    public int pid() {
      return pid;
    }
  }
}
