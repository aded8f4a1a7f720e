package dev.pgetl.destination.postgres.state;

import dev.pgetl.destination.postgres.sql.Sessions;
import java.util.OptionalLong;

/**
 * Takes the tables of a pipeline over from earlier processes. A pipeline that waits for its turn
 * says when, by an epoch; any other one takes over once, before its first call about a table.
 * Thread-safe.
 */
public final class Takeover {
  private final Sessions sessions;
  private final StateTables memory;
  private volatile boolean done;

  /**
   * Creates it.
   *
   * @param sessions the connections
   * @param memory the state that is taken over
   */
  public Takeover(Sessions sessions, StateTables memory) {
    this.sessions = sessions;
    this.memory = memory;
  }

  /** Creates what is missing. Changes no owner: this process may have been paused until now. */
  public void prepare() {
    boolean unused =
        sessions.inTransaction(
            "create the state of destination tables",
            session -> {
              memory.create(session);
              return true;
            });
  }

  /**
   * Takes over as the owner of an epoch.
   *
   * @throws dev.pgetl.error.EtlException if there has been an owner of a greater epoch
   */
  public synchronized void begin(long ownerEpoch) {
    done = true;
    takeOver(OptionalLong.of(ownerEpoch));
  }

  /** Takes over unless this process has done so. */
  public void ensure() {
    if (!done) {
      takeOverOnce();
    }
  }

  private synchronized void takeOverOnce() {
    if (!done) {
      takeOver(OptionalLong.empty());
      done = true;
    }
  }

  private void takeOver(OptionalLong ownerEpoch) {
    String doing = "take over destination tables of pipeline " + memory.pipelineId();
    memory.owns(
        sessions.inTransaction(
            doing, session -> memory.takeOver(session, ownerEpoch, sessions.backends())));
  }
}
