package dev.pgetl.internal.capture.session;

import dev.pgetl.internal.capture.wire.GatheringInput;
import dev.pgetl.internal.capture.wire.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * An open connection. Owned by one thread at a time; {@link #abort} may be called from any.
 *
 * <p>A command that is not answered within a generous time fails, until {@link #waitForEver} says
 * that silence is normal.
 */
public final class Session implements AutoCloseable {
  private final Connection connection;
  private final Wire wire;
  private final Duration answerLimit;
  private final int backendPid;

  /**
   * Creates a session.
   *
   * @param answerLimit after which time without an answer a command has failed
   */
  Session(Connection connection, Wire wire, Duration answerLimit) throws SQLException {
    this.connection = connection;
    this.wire = wire;
    this.answerLimit = answerLimit;
    this.backendPid = connection.unwrap(PGConnection.class).getBackendPID();
  }

  /** {@return the connection, with autocommit on} */
  public Connection jdbc() {
    return connection;
  }

  /**
   * {@return the driver's COPY}
   *
   * @throws SQLException if the connection is closed
   */
  public CopyManager copy() throws SQLException {
    return connection.unwrap(PGConnection.class).getCopyAPI();
  }

  Wire wire() {
    return wire;
  }

  /** {@return the server process behind the connection} */
  public int backendPid() {
    return backendPid;
  }

  /**
   * Takes silence for a failure again, after a generous time.
   *
   * @throws SQLException if the connection is closed
   */
  public void expectAnswers() throws SQLException {
    expectAnswersWithin(answerLimit);
  }

  /** Takes silence of this length for a failure. */
  public void expectAnswersWithin(Duration limit) throws SQLException {
    connection.setNetworkTimeout(
        Runnable::run, (int) Math.min(limit.toMillis(), Integer.MAX_VALUE));
  }

  /**
   * Stops taking silence for a failure.
   *
   * @throws SQLException if the connection is closed
   */
  public void waitForEver() throws SQLException {
    connection.setNetworkTimeout(Runnable::run, 0);
  }

  /**
   * Prepares for much to come: a stream, or a table. To be called before the command, after other
   * questions were answered, for they show whether the server is near.
   *
   * @throws SQLException if the connection is closed
   */
  public void expectBulk() throws SQLException {
    try {
      wire.expectBulk();
    } catch (IOException e) {
      throw new SQLException("the connection was closed", e);
    }
  }

  public GatheringInput input() {
    return wire.input();
  }

  public OutputStream output() throws IOException {
    return wire.output();
  }

  /**
   * Cuts the connection at once, whatever it is used for. Wakes a thread that reads. Idempotent.
   */
  public void abort() {
    wire.cut();
    try {
      connection.abort(Runnable::run);
    } catch (SQLException ignored) {
      // The socket is closed; there is nothing left to release.
    }
  }

  /**
   * Says good-bye to the server, then closes the connection. To be called between commands.
   * Idempotent.
   */
  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException ignored) {
      // What the connection was for is done.
    }
    wire.cut();
  }
}
