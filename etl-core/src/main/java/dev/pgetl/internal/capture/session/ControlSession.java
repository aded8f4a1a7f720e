package dev.pgetl.internal.capture.session;

import dev.pgetl.internal.platform.WatchedLock;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection kept for short queries: opened when first needed, opened again when it has broken
 * in the meantime.
 *
 * <p>Thread-safe: one query at a time.
 */
public final class ControlSession implements AutoCloseable {
  /** A short query. It may be run twice. */
  @FunctionalInterface
  public interface Query<T> {
    T run(Connection connection) throws SQLException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(ControlSession.class);
  private static final String ROLE = "control";

  private final Connector connector;
  private final Lock lock = new WatchedLock();
  private volatile @Nullable Session session;

  public ControlSession(Connector connector) {
    this.connector = connector;
  }

  /**
   * Runs a query.
   *
   * @param doing what for, for the message of a failure
   */
  public <T> T call(String doing, Query<T> query) {
    try {
      return onOpenSession(session -> query.run(session.jdbc()));
    } catch (SQLException e) {
      throw SqlErrors.failure(doing, e);
    }
  }

  /**
   * Runs queries that all see the database as it is at one moment.
   *
   * @param doing what for, for the message of a failure
   */
  public <T> T callAtOneMoment(String doing, Query<T> queries) {
    return call(doing, connection -> atOneMoment(connection, queries));
  }

  private static <T> T atOneMoment(Connection connection, Query<T> queries) throws SQLException {
    boolean done = false;
    Sql.run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    try {
      T found = queries.run(connection);
      Sql.run(connection, "COMMIT");
      done = true;
      return found;
    } finally {
      if (!done) {
        rollBack(connection);
      }
    }
  }

  /** Whatever has failed: a snapshot that is kept grows old. */
  private static void rollBack(Connection connection) {
    try {
      Sql.run(connection, "ROLLBACK");
    } catch (SQLException e) {
      LOG.debug("the connection has ended with its transaction", e);
    }
  }

  /**
   * Makes this process the pipeline's owner.
   *
   * @param continuity see {@link Connector#own}
   * @param overtaking see there, too
   * @throws dev.pgetl.error.EtlException if another one is
   */
  public void own(Connector.Proof continuity, BooleanSupplier overtaking) {
    try {
      boolean unused =
          onOpenSession(
              first -> {
                Sql.run(first.jdbc(), "SELECT"); // it may have broken in the meantime
                connector.own(first, continuity, overtaking);
                return true;
              });
    } catch (SQLException e) {
      throw SqlErrors.failure("become the owner of the pipeline", e);
    }
  }

  /** {@return whether a session of any process owns the pipeline} */
  public boolean isTaken() {
    try {
      return onOpenSession(
          session -> {
            Sql.run(session.jdbc(), "SELECT"); // it may have broken in the meantime
            return connector.isTaken(session);
          });
    } catch (SQLException e) {
      throw SqlErrors.failure("look who runs the pipeline", e);
    }
  }

  /** Something done with the session, that may be done twice. */
  private interface Work<T> {
    T run(Session session) throws SQLException;
  }

  /**
   * Connects without the lock: a source of credentials may take long, and may itself wait for a
   * thread that has a query. So several may connect at the same time; one session is kept.
   */
  private <T> T onOpenSession(Work<T> work) throws SQLException {
    while (true) {
      Session fresh =
          session == null ? connector.open(SessionSettings.Purpose.CONTROL, ROLE) : null;
      Session kept = null;
      lock.lock();
      try {
        kept = keep(fresh);
        if (kept != null) {
          return work.run(kept);
        }
      } catch (SQLException e) {
        boolean lost = SqlErrors.isConnectionLost(e);
        if (lost && kept != null) {
          forget(kept);
        }
        if (!lost || kept == fresh) {
          throw e;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** {@return the session to use; null if it has just broken} */
  private @Nullable Session keep(@Nullable Session fresh) {
    Session kept = session;
    if (kept == null) {
      session = fresh;
      return fresh;
    }
    if (fresh != null) {
      fresh.close();
    }
    return kept;
  }

  private void forget(Session broken) {
    broken.abort();
    if (session == broken) {
      session = null;
    }
  }

  /**
   * Cuts the connection, because it may have become a way into nowhere; a query that waits on it is
   * run again on a new one.
   */
  public void suspect() {
    Session kept = session;
    if (kept != null) {
      kept.abort();
    }
  }

  /** Says good-bye to the server, unless a query is running: who closes does not wait for that. */
  @Override
  public void close() {
    if (lock.tryLock()) {
      try {
        Session kept = session;
        if (kept != null) {
          kept.close();
          session = null;
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
