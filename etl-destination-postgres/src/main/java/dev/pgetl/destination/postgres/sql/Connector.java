package dev.pgetl.destination.postgres.sql;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.connect.HostRefused;
import dev.pgetl.internal.connect.Hosts;
import dev.pgetl.internal.connect.Login;
import dev.pgetl.internal.connect.LoginSource;
import dev.pgetl.internal.connect.TlsLink;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections with all settings pinned on which exact values, order and durability depend,
 * whatever the defaults of role and database. Thread-safe.
 */
final class Connector {
  private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

  /**
   * Statements find rows by key; without statistics of what is compared the planner would read the
   * whole table. A client that vanished is noticed within 25 seconds.
   */
  private static final String OPTIONS =
      "-c default_transaction_read_only=off -c default_transaction_isolation=read\\ committed"
          + " -c IntervalStyle=postgres -c TimeZone=UTC -c xmloption=content -c jit=off"
          + " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
          + " -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=60s"
          + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
          + " -c lock_timeout=";

  private final PgConnectionConfig config;
  private final String applicationName;
  private final Duration callTimeout;
  private final Hosts hosts;
  private final LoginSource logins;
  private volatile boolean warned;

  Connector(PgConnectionConfig config, String pipelineId, Duration callTimeout) {
    this.config = config;
    this.applicationName = "pgetl/" + pipelineId + "/destination";
    this.callTimeout = callTimeout;
    this.hosts = new Hosts(config, ErrorKind.DESTINATION_UNAVAILABLE);
    this.logins = new LoginSource(config, ErrorKind.DESTINATION_UNAVAILABLE);
  }

  /**
   * Connects to the host that is the primary.
   *
   * @param doing what for, for the message of a failure
   */
  Connection open(String doing) {
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
        prepare(doing, connection);
        opened = true;
        return connection;
      } finally {
        if (!opened) {
          connection.close();
        }
      }
    } catch (SQLException e) {
      if (tls != null && tls.nameRefused()) {
        throw new HostRefused(Failures.untrusted(doing, tls.refusal()), tls.refusal());
      }
      EtlException failure = Failures.failure(doing, null, e);
      throw new HostRefused(logins.explained(failure, e), Hosts.answer(e));
    }
  }

  private void prepare(String doing, Connection connection) throws SQLException, HostRefused {
    if (Hosts.isStandby(connection)) {
      throw new HostRefused(
          new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, doing + " failed: " + Hosts.STANDBY),
          Hosts.STANDBY);
    }
    try (Statement statement = connection.createStatement()) {
      boolean unused =
          statement.execute(
              "select pg_catalog.set_config('synchronous_commit', 'on', false)"
                  + " where pg_catalog.current_setting('synchronous_commit') = 'off'");
      replicate(statement);
    }
    connection.setAutoCommit(false);
  }

  /** Triggers and foreign keys have had their effect in the source; its events carry it. */
  private void replicate(Statement statement) throws SQLException {
    try {
      boolean unused = statement.execute("set session_replication_role = replica");
    } catch (SQLException e) {
      if (!"42501".equals(e.getSQLState())) {
        throw e;
      }
      if (!warned) {
        warned = true;
        LOG.warn(
            "role {} must not set session_replication_role: triggers and foreign keys of the"
                + " destination act on replicated rows; from Postgres 15 on:"
                + " GRANT SET ON PARAMETER session_replication_role TO ...",
            config.username());
      }
    }
  }

  private Properties properties(Login login, @Nullable TlsLink tls) {
    Properties properties = new Properties();
    login.addTo(properties);
    TlsLink.addTo(properties, tls, config.tls().channelBinding());
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.OPTIONS.set(properties, OPTIONS + config.lockTimeout().toMillis());
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
    PGProperty.LOGIN_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.CONNECT_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.SOCKET_TIMEOUT.set(properties, seconds(callTimeout));
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.STRING_TYPE.set(properties, "unspecified");
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    return properties;
  }

  private static int seconds(Duration duration) {
    return (int) Math.max(1, Math.min(duration.plusMillis(999).toSeconds(), 1_000_000));
  }
}
