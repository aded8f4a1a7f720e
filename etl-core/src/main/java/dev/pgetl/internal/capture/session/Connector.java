package dev.pgetl.internal.capture.session;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.wire.Wire;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSocketFactory;
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
  private final @Nullable SSLSocketFactory tls;
  private final String url;
  private final Driver driver = new Driver();
  private final Ownership ownership;
  private final Set<Wire> open = ConcurrentHashMap.newKeySet();
  private final Set<Wire> owned = ConcurrentHashMap.newKeySet();
  private volatile Proof proof = session -> {};
  private volatile @Nullable ServerIdentity server;
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
    this.tls = config.tls().enabled() ? config.tls().sslContext().getSocketFactory() : null;
    this.url = url(config);
  }

  private static String url(PgConnectionConfig config) {
    String host = config.host();
    if (host.matches(".*[,/?&\\s].*")) {
      throw new EtlException(
          ErrorKind.CONFIGURATION, "pgConnection.host must be one host name or address");
    }
    return "jdbc:postgresql://"
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + config.port()
        + "/"
        + URLEncoder.encode(config.name(), StandardCharsets.UTF_8);
  }

  /**
   * Opens a connection.
   *
   * @param role what it does in the pipeline, part of its application name
   * @throws EtlException if that fails; within the connect timeout
   */
  public Session open(SessionSettings.Purpose purpose, String role) {
    Wire wire = new Wire(ticker, open, readDelay(purpose), config.walSenderTimeout(), tls);
    boolean opened = false;
    try {
      if (closed) {
        throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "the source was closed");
      }
      Properties properties = settings.properties(purpose, role, wire);
      Connection connection = driver.connect(url, properties);
      if (connection == null) {
        throw new EtlException(ErrorKind.INTERNAL, "the driver does not know its own URL");
      }
      wire.seal();
      for (String statement :
          settings.statements(connection.getMetaData().getDatabaseMajorVersion())) {
        Sql.run(connection, statement);
      }
      Session session = new Session(connection, wire, settings.answerLimit());
      if (ownership.hasBegun()) {
        join(session, purpose);
        owned.add(wire);
      }
      opened = true;
      return session;
    } catch (SQLException e) {
      throw notConnected(e);
    } finally {
      if (!opened) {
        wire.cut();
      }
    }
  }

  /** If it cannot join, no session of this process is the owner's any more. */
  private void join(Session session, SessionSettings.Purpose purpose) {
    boolean joined = false;
    try {
      ownership.join(lockOf(session), () -> prove(session, purpose));
      joined = true;
    } finally {
      if (!joined) {
        owned.clear();
      }
    }
  }

  /** Streams compare the server with what is remembered of their slots. */
  private void prove(Session session, SessionSettings.Purpose purpose) {
    try {
      ServerIdentity known = server;
      if (known != null && purpose != SessionSettings.Purpose.REPLICATION) {
        known.require(ServerIdentity.of(session.jdbc()), target());
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
   * @throws EtlException of kind {@link ErrorKind#SLOT_IN_USE} if another process is the owner
   */
  void own(Session session, Proof continuity) throws SQLException {
    proof = continuity;
    ownership.begin(lockOf(session), settings.patience());
    server = ServerIdentity.of(session.jdbc());
    owned.add(session.wire());
  }

  /** {@return whether a session is open that has been proven to be the owner's} */
  public boolean isOwned() {
    owned.retainAll(open);
    return !owned.isEmpty();
  }

  private Duration readDelay(SessionSettings.Purpose purpose) {
    return switch (purpose) {
      case CONTROL -> Duration.ZERO;
      case COPY -> config.readDelay().compareTo(COPY_DELAY) < 0 ? config.readDelay() : COPY_DELAY;
      case REPLICATION -> config.readDelay();
    };
  }

  private EtlException notConnected(SQLException e) {
    String doing = "connect to " + target();
    if (Thread.currentThread().isInterrupted()) { // the driver takes that for a bug of its own
      return new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE, doing + " ended: the thread was interrupted", e);
    }
    EtlException failure = SqlErrors.failure(doing, e);
    return SqlErrors.stateOf(e).equals(SqlErrors.UNDEFINED_OBJECT)
        ? new EtlException(ErrorKind.SOURCE_CONFIGURATION, failure.summary(), e)
            .withFix("The server must be Postgres 14 or later, reached without a pooler")
        : failure;
  }

  /** Cuts all connections, also those that are being opened, and opens no more. Idempotent. */
  @Override
  public void close() {
    closed = true;
    open.forEach(Wire::cut);
  }

  /** {@return where connections lead, for messages} */
  String target() {
    return "database \""
        + config.name()
        + "\" on "
        + config.host()
        + ":"
        + config.port()
        + " as \""
        + config.username()
        + "\"";
  }
}
