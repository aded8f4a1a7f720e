package dev.pgetl.store.postgres;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.store.postgres.internal.PemTlsFactory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Opens the store's connection with all settings pinned that durability and the lock depend on,
 * whatever the defaults of role and database. Immutable.
 */
final class StoreConnector {
  /** How long a start waits at most for the previous process to release the lock. */
  private static final Duration LOCK_WAIT = Duration.ofSeconds(5);

  private final PgConnectionConfig config;
  private final String applicationName;
  private final Duration answerTimeout;

  StoreConnector(PgConnectionConfig config, String pipelineId, Duration answerTimeout) {
    this.config = config;
    this.answerTimeout = answerTimeout;
    this.applicationName = "pgetl/" + pipelineId + "/store";
  }

  Connection open() throws SQLException {
    Connection connection = new Driver().connect(url(), properties());
    if (connection == null) {
      throw new IllegalStateException("the driver does not know its own URL");
    }
    boolean opened = false;
    try {
      if (connection.getMetaData().getDatabaseMajorVersion() >= 17) {
        Sql.run(connection, "set transaction_timeout = 0");
      }
      opened = true;
      return connection;
    } finally {
      if (!opened) {
        connection.close();
      }
    }
  }

  private String url() {
    String host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
    String database = URLEncoder.encode(config.name(), StandardCharsets.UTF_8);
    return "jdbc:postgresql://" + host + ":" + config.port() + "/" + database;
  }

  private Properties properties() {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, config.username());
    PGProperty.PASSWORD.set(properties, config.password().reveal());
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.OPTIONS.set(properties, options());
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
    PGProperty.LOGIN_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.CONNECT_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.SOCKET_TIMEOUT.set(properties, seconds(answerTimeout));
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    PGProperty.SSL_MODE.set(properties, config.tls().enabled() ? "verify-full" : "disable");
    if (config.tls().enabled() && !config.tls().trustedRootCerts().isBlank()) {
      PGProperty.SSL_FACTORY.set(properties, PemTlsFactory.class.getName());
      PGProperty.SSL_FACTORY_ARG.set(properties, config.tls().trustedRootCerts());
    } else if (config.tls().enabled()) {
      PGProperty.SSL_FACTORY.set(properties, "org.postgresql.ssl.DefaultJavaSSLFactory");
    }
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
    return "database \"" + config.name() + "\" on " + config.host() + ":" + config.port();
  }
}
