package dev.pgetl.destination.postgres.sql;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.connect.Primary;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections with all settings pinned on which exact values, order and durability depend,
 * whatever the defaults of role and database. Thread-safe.
 */
final class Connector implements Primary.Use {
  private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

  /**
   * Statements find rows by key; without statistics of what is compared the planner would read the
   * whole table. A row that row level security hides from the role fails the statement: it would
   * silently stay. A client that vanished is noticed within 25 seconds.
   */
  private static final String OPTIONS =
      "-c default_transaction_read_only=off -c default_transaction_isolation=read\\ committed"
          + " -c row_security=off -c IntervalStyle=postgres -c TimeZone=UTC -c xmloption=content -c jit=off"
          + " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
          + " -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=60s"
          + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
          + " -c lock_timeout=";

  private final PgConnectionConfig config;
  private final Primary primary;
  private volatile boolean warned;

  Connector(PgConnectionConfig config, String pipelineId, Duration callTimeout) {
    this.config = config;
    this.primary =
        new Primary(
            config,
            "pgetl/" + pipelineId + "/destination",
            callTimeout,
            ErrorKind.DESTINATION_UNAVAILABLE,
            this);
  }

  /**
   * Connects to the host that is the primary.
   *
   * @param doing what for, for the message of a failure
   */
  Connection open(String doing) {
    return primary.open(doing);
  }

  @Override
  public void addTo(Properties properties) {
    PGProperty.OPTIONS.set(properties, OPTIONS + config.lockTimeout().toMillis());
    PGProperty.STRING_TYPE.set(properties, "unspecified");
  }

  @Override
  public void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean unused =
          statement.execute(
              "select pg_catalog.set_config('synchronous_commit', 'on', false)"
                  + " where pg_catalog.current_setting('synchronous_commit') = 'off'");
      replicate(statement);
    }
    connection.setAutoCommit(false);
  }

  @Override
  public EtlException failure(String doing, SQLException cause) {
    return Failures.failure(doing, null, cause);
  }

  @Override
  public EtlException untrusted(String doing, String refusal, SQLException cause) {
    return Failures.untrusted(doing, refusal);
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
}
