package dev.pgetl.store.postgres;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease of a pipeline in its row of the table of pipelines, by the clock of the database. It
 * has a connection of its own, so that a slow write of state does not delay a renewal, and so that
 * its socket can be watched all the time.
 *
 * <p>Who waits asks again and again, and does not queue for the lock: a statement that waits for
 * days keeps vacuum from removing rows. Thread-safe.
 */
final class PostgresLease implements LeaseStore {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresLease.class);

  /** The least time for an answer: a busy server is not one that is gone. */
  private static final Duration LEAST_ANSWER = Duration.ofSeconds(1);

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(5);

  private final StoreConnector connector;
  private final StoreFailures failures;
  private final String schema;
  private final String pipelineId;
  private final boolean migrate;
  private final Runnable releaseState;
  private final Runnable rehearsal;
  private final Object lock = new Object();
  private volatile @Nullable Session session;
  private volatile @Nullable Ownership granted;
  private volatile boolean used;
  private volatile boolean closed;

  /** The connection that holds the lease, or asks for it. */
  private record Session(
      Connection connection, Backend backend, OwnershipClaim owner, LeaseClaim lease) {}

  /** Something done with the session. */
  private interface Work<T> {
    T run(Session session) throws SQLException;
  }

  /**
   * Creates it; nothing is connected yet.
   *
   * @param releaseState closes the layer's connection, which acts for the last owner
   * @param rehearsal reads the state on a connection that is closed again
   */
  PostgresLease(
      StoreConnector connector,
      StoreFailures failures,
      String schema,
      String pipelineId,
      boolean migrate,
      Runnable releaseState,
      Runnable rehearsal) {
    this.connector = connector;
    this.failures = failures;
    this.schema = schema;
    this.pipelineId = pipelineId;
    this.migrate = migrate;
    this.releaseState = releaseState;
    this.rehearsal = rehearsal;
  }

  /** Whether the layer uses its state only under a lease. */
  boolean isUsed() {
    return used;
  }

  /**
   * Releases what a connection holds without a lease: the server notices its end a moment later.
   */
  void unlockUnleased(@Nullable Connection connection) {
    if (!used && connection != null) {
      try {
        Object unused = Sql.one(connection, row -> true, "select pg_advisory_unlock_all()");
      } catch (SQLException e) {
        LOG.debug("releasing the lock of a connection to the store failed", e);
      }
    }
  }

  /** What the lease gives this process. */
  Ownership requireGranted() {
    Ownership owned = granted;
    if (owned == null) {
      throw lost(
          "use the state of pipeline " + pipelineId, ", and this store is used with it only");
    }
    return owned;
  }

  /** A process that has read its state before must not wait for itself. */
  @Override
  public Lease lease() {
    if (!used) {
      releaseState.run();
    }
    return run("ask for the lease", LONGEST_ANSWER, current -> current.lease.lease());
  }

  @Override
  public Optional<Lease> take(String owner, Duration length, Lease seen) {
    if (owner.isBlank()) {
      throw new IllegalArgumentException("owner is empty");
    }
    used = true;
    releaseState.run();
    if (!seen.isGrantable()) {
      return Optional.empty();
    }
    return run(
        "take the lease",
        LONGEST_ANSWER,
        current -> {
          Ownership taken = current.lease.take(current.owner.pipeline(), owner, length, seen);
          granted = taken;
          return taken == null
              ? Optional.empty()
              : Optional.of(new Lease(owner, taken.epoch(), length, true));
        });
  }

  @Override
  public void renew(Duration length) {
    Ownership owned = requireGranted();
    boolean renewed =
        run(
            "renew the lease",
            answerTime(length),
            current -> current.lease.renew(owned, length) || failIfRemoved(current, owned));
    if (!renewed) {
      forget(owned);
      throw lost("renew the lease of pipeline " + pipelineId, "");
    }
  }

  /** {@return false if it is another owner's} Fails if the row is gone, or is a new one. */
  private boolean failIfRemoved(Session current, Ownership owned) throws SQLException {
    try {
      Ownership unused = current.owner.unchanged(owned);
    } catch (EtlException e) {
      requireOnlyLocked(e);
    }
    return false;
  }

  /** No process has the lease of a pipeline that was removed: its state is not this one's. */
  private void requireOnlyLocked(EtlException failure) {
    if (failure.kind() != ErrorKind.STORE_LOCKED) {
      throw failures.corrupt("the lease of pipeline " + pipelineId + " was removed", failure);
    }
  }

  /** A connection that does not answer has to be replaced before the lease expires. */
  private static Duration answerTime(Duration length) {
    Duration third = length.dividedBy(3);
    Duration atLeast = third.compareTo(LEAST_ANSWER) < 0 ? LEAST_ANSWER : third;
    return atLeast.compareTo(LONGEST_ANSWER) > 0 ? LONGEST_ANSWER : atLeast;
  }

  @Override
  public void giveBack() {
    Ownership owned = granted;
    if (owned != null) {
      releaseState.run();
      try {
        boolean unused =
            run(
                "give the lease back",
                LEAST_ANSWER,
                current -> {
                  current.lease.giveBack(owned);
                  return true;
                });
      } finally {
        forget(owned); // a session that joined again would keep others from taking it
      }
    }
  }

  private void forget(Ownership owned) {
    synchronized (lock) {
      if (owned.equals(granted)) {
        granted = null;
      }
      disconnect();
    }
    releaseState.run();
  }

  @Override
  public void watch(Duration limit) {
    synchronized (lock) {
      Session current = session;
      if (current == null) {
        throw failures.failure("watch the lease", new SQLException("no connection", "08003"));
      }
      try {
        int millis = (int) Math.max(1, Math.min(limit.toMillis(), 100));
        Object unused = current.connection.unwrap(PGConnection.class).getNotifications(millis);
      } catch (SQLException e) {
        disconnect();
        throw failures.failure("watch the lease of pipeline " + pipelineId, e);
      }
    }
  }

  @Override
  public void rehearse() {
    Lease unused = lease(); // the tables are there then
    rehearsal.run();
  }

  /** Connects without the lock, as the layer does. */
  private <T> T run(String doing, Duration answer, Work<T> work) {
    String what = doing + " of pipeline " + pipelineId + " in " + connector;
    while (true) {
      requireOpen();
      Connection fresh = session == null ? connector.open(what) : null;
      synchronized (lock) {
        Session current = keep(what, fresh);
        if (current != null) {
          return run(what, answer, current, work);
        }
      }
    }
  }

  private <T> T run(String what, Duration answer, Session current, Work<T> work) {
    boolean done = false;
    try {
      current.connection.setNetworkTimeout(Runnable::run, (int) answer.toMillis());
      T result = work.run(current);
      done = true;
      return result;
    } catch (SQLException e) {
      throw failures.failure(what, e);
    } finally {
      if (!done) {
        disconnect();
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the store of pipeline " + pipelineId + " is closed");
    }
  }

  private @Nullable Session keep(String what, @Nullable Connection fresh) {
    if (session != null || closed) {
      if (fresh != null) {
        close(fresh);
      }
      requireOpen();
      return session;
    }
    if (fresh != null) {
      session = open(what, fresh);
    }
    return session;
  }

  private Session open(String what, Connection connection) {
    boolean opened = false;
    try {
      Backend backend = Backend.of(connection);
      new StoreMigrations(schema).apply(connection, migrate);
      Session fresh =
          new Session(
              connection,
              backend,
              new OwnershipClaim(connection, backend, schema, pipelineId),
              new LeaseClaim(connection, backend, schema, pipelineId));
      joinIfGranted(fresh);
      opened = true;
      return fresh;
    } catch (SQLException e) {
      throw failures.failure(what, e);
    } finally {
      if (!opened) {
        close(connection);
      }
    }
  }

  /** Who has lost the lease may ask for it like any other process. */
  private void joinIfGranted(Session fresh) throws SQLException {
    Ownership owned = granted;
    if (owned != null) {
      try {
        Ownership unused = fresh.owner.join(owned);
      } catch (EtlException e) {
        requireOnlyLocked(e);
        LOG.info("{}", e.getMessage());
        granted = null;
      }
    }
  }

  private void disconnect() {
    Session current = session;
    session = null;
    if (current != null) {
      close(current.connection);
    }
  }

  private static void close(Connection connection) {
    PostgresLayer.close(connection);
  }

  private EtlException lost(String doing, String more) {
    return new EtlException(
        ErrorKind.STORE_LOCKED, doing + ": this process does not have the lease any more" + more);
  }

  /** Ends the connection; the lease stays with its owner until it expires. */
  void close() {
    synchronized (lock) {
      closed = true;
      disconnect();
    }
  }

  @Override
  public String toString() {
    return "lease of pipeline " + pipelineId + ", " + Objects.requireNonNullElse(granted, "none");
  }
}
