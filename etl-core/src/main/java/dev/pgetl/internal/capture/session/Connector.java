package dev.pgetl.internal.capture.session;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.wire.Wire;
import dev.pgetl.internal.connect.HostRefused;
import dev.pgetl.internal.connect.Hosts;
import dev.pgetl.internal.connect.Login;
import dev.pgetl.internal.connect.LoginSource;
import dev.pgetl.internal.connect.TlsLink;
import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** Opens connections, and knows which of them act for the pipeline. Thread-safe. */
public final class Connector implements AutoCloseable {
  /** Looks at the source to find out whether another process has acted in between. */
  @FunctionalInterface
  public interface Proof {
    /**
     * Looks.
     *
     * @param session where to ask
     * @throws EtlException if another process may have acted
     * @throws SQLException if it cannot be asked
     */
    void check(Session session) throws SQLException;
  }

  /** A table comes several times as fast as a stream. */
  private static final Duration COPY_DELAY = Duration.ofMillis(2);

  private final PgConnectionConfig config;
  private final SessionSettings settings;
  private final Ticker ticker;
  private final Hosts hosts;
  private final LoginSource logins;
  private final Driver driver = new Driver();
  private final Ownership ownership;
  private final Set<Wire> open = ConcurrentHashMap.newKeySet();
  private final Set<Wire> owned = ConcurrentHashMap.newKeySet();
  private volatile Proof proof = session -> {};
  private volatile @Nullable ServerIdentity server;
  private volatile @Nullable Login last;
  private volatile boolean closed;

  /**
   * Creates a connector; connects to nothing yet.
   *
   * @param config how to reach the server
   * @param settings what every connection is opened with
   * @param platform time and locks
   */
  public Connector(PgConnectionConfig config, SessionSettings settings, Platform platform) {
    this.config = config;
    this.settings = settings;
    this.ticker = platform;
    this.ownership = new Ownership(settings.pipelineId(), platform);
    this.hosts = new Hosts(config, ErrorKind.SOURCE_UNAVAILABLE);
    this.logins = new LoginSource(config, ErrorKind.SOURCE_UNAVAILABLE);
  }

  /**
   * Opens a connection to the host that is the primary. The caller holds no lock that others need:
   * a source of credentials may take long.
   *
   * @param purpose what it is for
   * @param role what it does in the pipeline, part of its application name
   * @throws EtlException if that fails; for each host within the connect timeout
   */
  public Session open(SessionSettings.Purpose purpose, String role) {
    Doing before = Movement.begin(Doing.AWAITS_SOURCE);
    try {
      return hosts.first(
          "connect to " + target("", config.username()),
          host -> {
            requireMayOpen();
            return open(purpose, role, logins.ask(host));
          });
    } finally {
      Movement.end(before);
    }
  }

  /**
   * Opens a connection where the last one was opened, with the same login. Asks for no credentials,
   * so it is soon done, and may be refused where {@link #open} is not.
   *
   * @param purpose what it is for
   * @param role what it does in the pipeline, part of its application name
   * @throws EtlException if that fails; within the connect timeout
   */
  public Session reopen(SessionSettings.Purpose purpose, String role) {
    Login login = last;
    if (login == null) {
      return open(purpose, role);
    }
    Doing before = Movement.begin(Doing.AWAITS_SOURCE);
    try {
      requireMayOpen();
      return open(purpose, role, login);
    } catch (HostRefused e) {
      if (e.failure().kind() == ErrorKind.SOURCE_AUTHENTICATION) {
        last = login.withoutPassword(); // it has expired: servers count wrong ones
      }
      throw e.failure();
    } finally {
      Movement.end(before);
    }
  }

  private void requireMayOpen() {
    requireNotClosed();
    ownership.requireMandate();
  }

  private void requireNotClosed() {
    if (closed) {
      throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "the source was closed");
    }
  }

  private Session open(SessionSettings.Purpose purpose, String role, Login login)
      throws HostRefused {
    TlsLink tls = TlsLink.of(login);
    Wire wire = new Wire(ticker, open, readDelay(purpose), config.walSenderTimeout(), tls);
    boolean opened = false;
    try {
      requireNotClosed();
      Connection connection =
          driver.connect(
              hosts.url(login.host()), settings.properties(purpose, role, login, wire, tls));
      if (connection == null) {
        throw new EtlException(ErrorKind.INTERNAL, "the driver does not know its own URL");
      }
      wire.seal();
      requirePrimary(connection, login);
      Session session = prepared(connection, wire);
      if (ownership.hasBegun()) {
        join(session, purpose, login);
        owned.add(wire);
      }
      session.expectAnswers();
      opened = true;
      last = login;
      return session;
    } catch (SQLException e) {
      throw notConnected(login, tls, e);
    } finally {
      if (!opened) {
        wire.cut();
      }
    }
  }

  private Session prepared(Connection connection, Wire wire) throws SQLException {
    for (String statement :
        settings.statements(connection.getMetaData().getDatabaseMajorVersion())) {
      Sql.run(connection, statement);
    }
    return new Session(connection, wire, settings.answerLimit());
  }

  /** At a first start with one host the check of the source says what is wrong. */
  private void requirePrimary(Connection connection, Login login) throws SQLException, HostRefused {
    boolean refuses = hosts.several() || ownership.hasBegun();
    if (refuses && !config.readsFromStandby() && Hosts.isStandby(connection)) {
      throw new HostRefused(
          new EtlException(
              ErrorKind.SOURCE_UNAVAILABLE, doing(login) + " failed: " + Hosts.STANDBY),
          Hosts.STANDBY);
    }
  }

  /** If it cannot join, no session of this process is the owner's any more. */
  private void join(Session session, SessionSettings.Purpose purpose, Login login) {
    boolean joined = false;
    try {
      ownership.join(lockOf(session), () -> prove(session, purpose, login));
      joined = true;
    } finally {
      if (!joined) {
        owned.clear();
      }
    }
  }

  /** Streams compare the server with what is remembered of their slots. */
  private void prove(Session session, SessionSettings.Purpose purpose, Login login) {
    try {
      ServerIdentity known = server;
      if (known != null && purpose != SessionSettings.Purpose.REPLICATION) {
        known.require(ServerIdentity.of(session.jdbc()), target(login));
      }
      proof.check(session);
    } catch (SQLException e) {
      throw SqlErrors.failure("prove that the pipeline is this process's", e);
    }
  }

  private AdvisoryLock lockOf(Session session) {
    return AdvisoryLock.of(session.jdbc(), session.backendPid(), settings.pipelineId());
  }

  /**
   * Makes this process the pipeline's owner; sessions that are opened later prove that it still is.
   *
   * @param session the first session that acts
   * @param continuity fails if another process may have acted while this one had no session
   * @param overtaking asked whether sessions of another owner are ended
   * @throws EtlException of kind {@link ErrorKind#SLOT_IN_USE} if another process is the owner
   */
  void own(Session session, Proof continuity, BooleanSupplier overtaking) throws SQLException {
    proof = continuity;
    ownership.begin(lockOf(session), settings.patience(), overtaking);
    server = ServerIdentity.of(session.jdbc());
    owned.add(session.wire());
  }

  /** {@return whether a session of any process owns the pipeline} */
  boolean isTaken(Session session) {
    return !lockOf(session).holders().isEmpty();
  }

  /** {@return whether a session is open that has been proven to be the owner's} */
  public boolean isOwned() {
    owned.retainAll(open);
    return !owned.isEmpty();
  }

  /** {@return for how long the server has owed an answer on any connection; 0 if it owes none} */
  public long unansweredNanos() {
    return open.stream().mapToLong(Wire::unansweredNanos).max().orElse(0);
  }

  private Duration readDelay(SessionSettings.Purpose purpose) {
    return switch (purpose) {
      case CONTROL -> Duration.ZERO;
      case COPY -> config.readDelay().compareTo(COPY_DELAY) < 0 ? config.readDelay() : COPY_DELAY;
      case REPLICATION -> config.readDelay();
    };
  }

  private HostRefused notConnected(Login login, @Nullable TlsLink tls, SQLException e) {
    String doing = doing(login);
    if (Thread.currentThread().isInterrupted()) { // the driver takes that for a bug of its own
      throw new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE, doing + " ended: the thread was interrupted", e);
    }
    if (tls != null && tls.nameRefused()) {
      return new HostRefused(
          new EtlException(ErrorKind.SOURCE_AUTHENTICATION, doing + " failed: " + tls.refusal(), e)
              .withFix(SqlErrors.DISTRUST),
          tls.refusal());
    }
    EtlException failure = SqlErrors.failure(doing, e);
    if (SqlErrors.stateOf(e).equals(SqlErrors.UNDEFINED_OBJECT)) {
      failure =
          new EtlException(ErrorKind.SOURCE_CONFIGURATION, failure.summary(), e)
              .withFix("The server must be Postgres 14 or later, reached without a pooler");
    }
    return new HostRefused(logins.explained(failure, e), SqlErrors.describe(e));
  }

  /** Cuts all connections, also those that are being opened, and opens no more. Idempotent. */
  @Override
  public void close() {
    closed = true;
    open.forEach(Wire::cut);
  }

  private String doing(Login login) {
    return "connect to " + target(login);
  }

  private String target(Login login) {
    return target(" on " + login.host(), login.credentials().username());
  }

  private String target(String where, String username) {
    return "database \""
        + config.name()
        + "\""
        + where
        + (username.isEmpty() ? "" : " as \"" + username + "\"");
  }
}
