package dev.pgetl.store.postgres;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.connect.HostRefused;
import dev.pgetl.internal.connect.Hosts;
import dev.pgetl.internal.connect.Login;
import dev.pgetl.internal.connect.LoginSource;
import dev.pgetl.internal.connect.TlsLink;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Opens the store's connection with all settings pinned that durability and the lock depend on,
 * whatever the defaults of role and database. Thread-safe.
 */
final class StoreConnector {
  /** How long a start waits at most for the previous process to release the lock. */
  private static final Duration LOCK_WAIT = Duration.ofSeconds(5);

  private final PgConnectionConfig config;
  private final StoreFailures failures;
  private final String applicationName;
  private final Duration answerTimeout;
  private final Hosts hosts;
  private final LoginSource logins;

  StoreConnector(
      PgConnectionConfig config,
      String pipelineId,
      String role,
      StoreFailures failures,
      Duration answerTimeout) {
    this.config = config;
    this.failures = failures;
    this.answerTimeout = answerTimeout;
    this.applicationName = "pgetl/" + pipelineId + "/" + role;
    this.hosts = new Hosts(config, ErrorKind.STORE_UNAVAILABLE);
    this.logins = new LoginSource(config, ErrorKind.STORE_UNAVAILABLE);
  }

  /**
   * Connects to the host that is the primary. The caller holds no lock that others need: a source
   * of credentials may take long.
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
        throw new HostRefused(
            StoreFailures.untrusted(doing + " failed: " + tls.refusal(), e), tls.refusal());
      }
      throw new HostRefused(logins.explained(failures.failure(doing, e), e), Hosts.answer(e));
    }
  }

  private static void prepare(String doing, Connection connection)
      throws SQLException, HostRefused {
    if (Hosts.isStandby(connection)) {
      throw new HostRefused(
          new EtlException(ErrorKind.STORE_UNAVAILABLE, doing + " failed: " + Hosts.STANDBY),
          Hosts.STANDBY);
    }
    if (connection.getMetaData().getDatabaseMajorVersion() >= 17) {
      Sql.run(connection, "set transaction_timeout = 0");
    }
  }

  private Properties properties(Login login, @Nullable TlsLink tls) {
    Properties properties = new Properties();
    login.addTo(properties);
    TlsLink.addTo(properties, tls, config.tls().channelBinding());
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.OPTIONS.set(properties, options());
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
    PGProperty.LOGIN_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.CONNECT_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.SOCKET_TIMEOUT.set(properties, seconds(answerTimeout));
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    return properties;
  }

  /**
   * A commit waits for no standby: it could be the pipeline itself, which waits for the commit. The
   * server gets no time limit of its own, the client's is enough. A client that vanished is noticed
   * within 25 seconds.
   */
  private String options() {
    Duration half = answerTimeout.dividedBy(2);
    Duration lockWait = half.compareTo(LOCK_WAIT) < 0 ? half : LOCK_WAIT;
    return "-c synchronous_commit=local -c default_transaction_read_only=off"
        + " -c default_transaction_isolation=read\\ committed -c search_path=pg_catalog"
        + " -c statement_timeout=0 -c idle_session_timeout=0"
        + " -c idle_in_transaction_session_timeout=0 -c lock_timeout="
        + lockWait.toMillis()
        + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";
  }

  private static int seconds(Duration duration) {
    return (int) Math.max(1, Math.min(duration.plusMillis(999).toSeconds(), 1_000_000));
  }

  /** The target of the connection, for messages. */
  @Override
  public String toString() {
    String servers =
        config.hosts().stream().map(PgHost::toString).collect(Collectors.joining(", "));
    return "database \"" + config.name() + "\" on " + servers;
  }
}
