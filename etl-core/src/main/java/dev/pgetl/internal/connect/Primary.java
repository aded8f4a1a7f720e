package dev.pgetl.internal.connect;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Connects a store or a destination to the primary among its hosts. Reads are interrupted by a time
 * limit; the server's answers, which quote values, are in no message. Thread-safe.
 */
public final class Primary {
  private static final int LONGEST_SECONDS = 1_000_000;

  private final PgConnectionConfig config;
  private final String applicationName;
  private final Duration answerTimeout;
  private final ErrorKind unavailable;
  private final Use use;
  private final Hosts hosts;
  private final LoginSource logins;

  /** What the connections are for. */
  public interface Use {
    /** Adds properties of the driver. */
    void addTo(Properties properties);

    /** Makes a new connection ready. */
    void prepare(Connection connection) throws SQLException;

    /** {@return the failure of something that was being done} */
    EtlException failure(String doing, SQLException cause);

    /** {@return the failure if the server's certificate does not have its name} */
    EtlException untrusted(String doing, String refusal, SQLException cause);
  }

  /**
   * Connects to nothing yet.
   *
   * @param config not one to a standby
   * @param applicationName of the sessions
   * @param answerTimeout how long the server may take for an answer
   * @param unavailable the kind of failure that passes
   */
  public Primary(
      PgConnectionConfig config,
      String applicationName,
      Duration answerTimeout,
      ErrorKind unavailable,
      Use use) {
    if (config.readsFromStandby()) {
      throw new EtlException(
              ErrorKind.CONFIGURATION,
              applicationName + " writes, and its connection is one to a standby (readFromStandby)")
          .withFix("Give it a connection to a primary, of this cluster or another one");
    }
    this.config = config;
    this.applicationName = applicationName;
    this.answerTimeout = answerTimeout;
    this.unavailable = unavailable;
    this.use = use;
    this.hosts = new Hosts(config, unavailable);
    this.logins = new LoginSource(config, unavailable);
  }

  /**
   * Connects to the host that is the primary. The caller holds no lock that others need: a source
   * of credentials may take long.
   *
   * @param doing what for, for the message of a failure
   */
  public Connection open(String doing) {
    return hosts.first(doing, host -> open(doing, logins.ask(host)));
  }

  private Connection open(String doing, Login login) throws HostRefused {
    try (TlsLink tls = TlsLink.of(login)) {
      return open(doing, login, tls);
    }
  }

  private Connection open(String doing, Login login, @Nullable TlsLink tls) throws HostRefused {
    try {
      Connection connection = new Driver().connect(hosts.url(login.host()), properties(login, tls));
      if (connection == null) {
        throw new IllegalStateException("the driver does not know its own URL");
      }
      boolean opened = false;
      try {
        requirePrimary(doing, connection);
        use.prepare(connection);
        opened = true;
        return connection;
      } finally {
        if (!opened) {
          connection.close();
        }
      }
    } catch (SQLException e) {
      if (tls != null && tls.nameRefused()) {
        throw new HostRefused(use.untrusted(doing, tls.refusal(), e), tls.refusal());
      }
      throw new HostRefused(logins.explained(use.failure(doing, e), e), Hosts.answer(e));
    }
  }

  private void requirePrimary(String doing, Connection connection)
      throws SQLException, HostRefused {
    if (Hosts.isStandby(connection)) {
      throw new HostRefused(
          new EtlException(unavailable, doing + " failed: " + Hosts.STANDBY)
              .withFix(
                  "If it is to stay one: connect to a primary, of this cluster or another one"),
          Hosts.STANDBY);
    }
  }

  private Properties properties(Login login, @Nullable TlsLink tls) {
    Properties properties = new Properties();
    login.addTo(properties);
    TlsLink.addTo(properties, tls, config.tls().channelBinding());
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
    PGProperty.LOGIN_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.CONNECT_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.SOCKET_TIMEOUT.set(properties, seconds(answerTimeout));
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    use.addTo(properties);
    return properties;
  }

  private static int seconds(Duration duration) {
    return (int) Math.max(1, Math.min(duration.plusMillis(999).toSeconds(), LONGEST_SECONDS));
  }
}
