package dev.pgetl.store.postgres;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.connect.Primary;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.stream.Collectors;
import org.postgresql.PGProperty;

/**
 * Opens the store's connection with all settings pinned that durability and the lock depend on,
 * whatever the defaults of role and database. Thread-safe.
 */
final class StoreConnector implements Primary.Use {
  /** How long a start waits at most for the previous process to release the lock. */
  private static final Duration LOCK_WAIT = Duration.ofSeconds(5);

  private final PgConnectionConfig config;
  private final StoreFailures failures;
  private final Duration answerTimeout;
  private final Primary primary;

  StoreConnector(
      PgConnectionConfig config,
      String pipelineId,
      String role,
      StoreFailures failures,
      Duration answerTimeout) {
    this.config = config;
    this.failures = failures;
    this.answerTimeout = answerTimeout;
    this.primary =
        new Primary(
            config,
            "pgetl/" + pipelineId + "/" + role,
            answerTimeout,
            ErrorKind.STORE_UNAVAILABLE,
            this);
  }

  /**
   * Connects to the host that is the primary. The caller holds no lock that others need: a source
   * of credentials may take long.
   *
   * @param doing what for, for the message of a failure
   */
  Connection open(String doing) {
    return primary.open(doing);
  }

  @Override
  public void addTo(Properties properties) {
    PGProperty.OPTIONS.set(properties, options());
  }

  @Override
  public void prepare(Connection connection) throws SQLException {
    if (connection.getMetaData().getDatabaseMajorVersion() >= 17) {
      Sql.run(connection, "set transaction_timeout = 0");
    }
  }

  @Override
  public EtlException failure(String doing, SQLException cause) {
    return failures.failure(doing, cause);
  }

  @Override
  public EtlException untrusted(String doing, String refusal, SQLException cause) {
    return StoreFailures.untrusted(doing + " failed: " + refusal, cause);
  }

  /**
   * A commit waits for no standby: it could be the pipeline itself, which waits for the commit. The
   * server gets no time limit of its own, the client's is enough. Rows that row level security
   * hides are an error, not rows that are not there. A client that vanished is noticed within 25
   * seconds.
   */
  private String options() {
    Duration half = answerTimeout.dividedBy(2);
    Duration lockWait = half.compareTo(LOCK_WAIT) < 0 ? half : LOCK_WAIT;
    return "-c synchronous_commit=local -c default_transaction_read_only=off"
        + " -c row_security=off -c default_transaction_isolation=read\\ committed -c search_path=pg_catalog"
        + " -c statement_timeout=0 -c idle_session_timeout=0"
        + " -c idle_in_transaction_session_timeout=0 -c lock_timeout="
        + lockWait.toMillis()
        + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";
  }

  /** The target of the connection, for messages. */
  @Override
  public String toString() {
    String servers =
        config.hosts().stream().map(PgHost::toString).collect(Collectors.joining(", "));
    return "database \"" + config.name() + "\" on " + servers;
  }
}
