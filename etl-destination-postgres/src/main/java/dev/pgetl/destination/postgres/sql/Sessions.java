package dev.pgetl.destination.postgres.sql;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the destination: as many as calls run at once, kept for the next ones.
 * Thread-safe.
 */
public final class Sessions implements AutoCloseable {
  /** What is done in a transaction. */
  @FunctionalInterface
  public interface Work<T> {
    /** {@return the result} */
    T run(Session session) throws SQLException;
  }

  /**
   * Then a connection makes room for another one. Its temporary tables hold transaction numbers
   * back that only it could release: without an end the database would run out of them. The server
   * ends those that are idle for twice as long.
   */
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Connector connector;
  private final Duration longest;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<Session> idle = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Set<Session> open = new HashSet<>();

  @GuardedBy("lock")
  private boolean closed;

  /**
   * Creates the connections' place; connects to nothing yet.
   *
   * @param config how to reach the database
   * @param pipelineId whose connections they are
   * @param callTimeout how long the server may take for an answer
   */
  public Sessions(PgConnectionConfig config, String pipelineId, Duration callTimeout) {
    this(config, pipelineId, callTimeout, LONGEST);
  }

  /** With another limit to the age of connections. */
  Sessions(PgConnectionConfig config, String pipelineId, Duration callTimeout, Duration longest) {
    this.longest = longest;
    this.connector = new Connector(config, pipelineId, callTimeout);
  }

  /**
   * Does something in a transaction and commits it.
   *
   * @param doing what, for the message of a failure
   * @param work what is done; it may roll back and begin again
   * @return the result
   * @throws EtlException if it failed. Then nothing has changed, unless the connection broke while
   *     the server committed
   */
  public <T> T inTransaction(String doing, Work<T> work) {
    Session session = take(doing);
    boolean usable = false;
    try {
      session.doing(null, doing);
      T result = work.run(session);
      session.commit();
      giveBack(session);
      usable = true;
      return result;
    } catch (SQLException e) {
      if (Failures.isOfConnection(e)) {
        discardIdle();
      }
      usable = Failures.isAnswer(e) && isRolledBack(session);
      throw Failures.failure(session.step(), session.table(), e);
    } catch (EtlException e) {
      usable = isRolledBack(session);
      throw e;
    } finally {
      if (!usable) {
        discard(session);
      }
    }
  }

  /** {@return the server's processes for all connections} */
  public Set<Integer> backends() throws SQLException {
    Set<Session> all;
    synchronized (lock) {
      all = Set.copyOf(open);
    }
    Set<Integer> backends = new HashSet<>();
    for (Session session : all) {
      backends.add(session.backend());
    }
    return backends;
  }

  private Session take(String doing) {
    Session known = idle(doing);
    while (known != null && known.isOlderThan(longest)) {
      discard(known);
      known = idle(doing);
    }
    return known == null ? open(doing) : known;
  }

  private @Nullable Session idle(String doing) {
    synchronized (lock) {
      requireOpen(doing);
      return idle.poll();
    }
  }

  private Session open(String doing) {
    Session fresh = new Session(connector.open(doing));
    synchronized (lock) {
      if (!closed) {
        open.add(fresh);
        return fresh;
      }
    }
    close(fresh);
    throw closedAlready(doing);
  }

  @GuardedBy("lock")
  private void requireOpen(String doing) {
    if (closed) {
      throw closedAlready(doing);
    }
  }

  private static EtlException closedAlready(String doing) {
    return new EtlException(
        ErrorKind.DESTINATION_UNAVAILABLE, doing + " failed: the destination is closed");
  }

  private void giveBack(Session session) {
    synchronized (lock) {
      if (!closed) {
        idle.push(session);
      }
    }
  }

  /**
   * {@return whether the connection can be used again} Never asked after a failure that is no
   * answer of the server: what it has yet to answer would be taken for the answer to something
   * else.
   */
  private boolean isRolledBack(Session session) {
    try {
      session.rollback();
      giveBack(session);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private void discard(@Nullable Session session) {
    if (session != null) {
      synchronized (lock) {
        boolean unused = open.remove(session);
      }
      close(session);
    }
  }

  /** The server restarted, or is another one: what is idle is broken, too. */
  private void discardIdle() {
    Session next;
    do {
      synchronized (lock) {
        next = idle.poll();
      }
      discard(next);
    } while (next != null);
  }

  private static void close(Session session) {
    Connection connection = session.connection();
    try {
      connection.abort(Runnable::run);
    } catch (SQLException ignored) {
      // It is closed.
    }
  }

  /** Closes all connections, also of calls that hang. */
  @Override
  public void close() {
    Set<Session> all;
    synchronized (lock) {
      closed = true;
      all = new HashSet<>(open);
      open.clear();
      idle.clear();
    }
    all.forEach(Sessions::close);
  }
}
