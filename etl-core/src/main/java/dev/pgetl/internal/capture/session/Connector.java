package dev.pgetl.internal.capture.session;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.wire.Wire;
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

/** Opens connections. Thread-safe. */
public final class Connector implements AutoCloseable {
  /** A table comes several times as fast as a stream. */
  private static final Duration COPY_DELAY = Duration.ofMillis(2);

  private final PgConnectionConfig config;
  private final SessionSettings settings;
  private final Ticker ticker;
  private final @Nullable SSLSocketFactory tls;
  private final String url;
  private final Driver driver = new Driver();
  private final Set<Wire> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public Connector(PgConnectionConfig config, SessionSettings settings, Ticker ticker) {
    this.config = config;
    this.settings = settings;
    this.ticker = ticker;
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
      opened = true;
      return new Session(connection, wire, settings.answerLimit());
    } catch (SQLException e) {
      throw notConnected(e);
    } finally {
      if (!opened) {
        wire.cut();
      }
    }
  }

  private Duration readDelay(SessionSettings.Purpose purpose) {
    return switch (purpose) {
      case CONTROL -> Duration.ZERO;
      case COPY -> config.readDelay().compareTo(COPY_DELAY) < 0 ? config.readDelay() : COPY_DELAY;
      case REPLICATION -> config.readDelay();
    };
  }

  private EtlException notConnected(SQLException e) {
    EtlException failure = SqlErrors.failure("connect to " + target(), e);
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
