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

/**
 * A connection that only reads, with the settings pinned on which the text of values depends. It
 * has another name than those that write, which a takeover ends. Owned by one thread; {@link
 * #close} may be called by others.
 */
public final class ReadingSession implements AutoCloseable {
  /** Something that is asked. */
  @FunctionalInterface
  public interface Question<T> {
    /** {@return the answer} */
    T ask(Session session, Connection connection) throws SQLException;
  }

  /** How it is opened. */
  private record Use(PgConnectionConfig config, Duration callTimeout) implements Primary.Use {
    private static final String OPTIONS =
        Pinned.OPTIONS
            + "-c default_transaction_read_only=on -c search_path=pg_catalog -c lc_monetary=C ";

    @Override
    public void addTo(Properties properties) {
      PGProperty.OPTIONS.set(properties, OPTIONS + Pinned.limits(config, callTimeout));
      PGProperty.STRING_TYPE.set(properties, "unspecified");
    }

    /** The driver has set the time zone of the JVM. */
    @Override
    public void prepare(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        boolean unused =
            statement.execute("set TimeZone = 'UTC'; " + Pinned.NO_TRANSACTION_TIMEOUT);
      }
    }

    @Override
    public EtlException failure(String doing, SQLException cause) {
      return Failures.failure(doing, null, cause);
    }

    @Override
    public EtlException untrusted(String doing, String refusal, SQLException cause) {
      return Failures.untrusted(doing, refusal);
    }
  }

  private final Connection connection;
  private final Session session;

  private ReadingSession(Connection connection) {
    this.connection = connection;
    this.session = new Session(connection);
  }

  /**
   * Connects to the host that is the primary.
   *
   * @param config how to reach the database
   * @param pipelineId whose tables are read
   * @param callTimeout how long the server may take for an answer
   */
  public static ReadingSession open(
      PgConnectionConfig config, String pipelineId, Duration callTimeout) {
    Primary primary =
        new Primary(
            config,
            "pgetl/" + pipelineId + "/verify",
            callTimeout.plusSeconds(15),
            ErrorKind.DESTINATION_UNAVAILABLE,
            new Use(config, callTimeout));
    return new ReadingSession(primary.open("connect to the destination"));
  }

  /**
   * Asks something.
   *
   * @param doing what for, for the message of a failure
   */
  public <T> T ask(String doing, Question<T> question) {
    try {
      return question.ask(session, connection);
    } catch (SQLException e) {
      throw Failures.failure(doing, null, e);
    }
  }

  /** Cuts the connection, also while a call runs. */
  @Override
  public void close() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException ignored) {
      // It is closed.
    }
  }
}
