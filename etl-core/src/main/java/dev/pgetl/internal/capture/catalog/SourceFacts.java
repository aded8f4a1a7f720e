package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.wal.Lsn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What server this is and where its log stands.
 *
 * @param systemIdentifier the cluster, as {@code IDENTIFY_SYSTEM} says
 * @param timeline the cluster's timeline
 * @param currentWal the end of what is flushed of the log
 */
public record SourceFacts(String systemIdentifier, int timeline, Lsn currentWal) {
  /** SQLSTATE of a command that the server does not know. */
  private static final String SYNTAX_ERROR = "42601";

  public static SourceFacts of(Session replication) throws SQLException {
    try (Statement statement = replication.jdbc().createStatement();
        ResultSet system = statement.executeQuery("IDENTIFY_SYSTEM")) {
      system.next();
      return new SourceFacts(
          system.getString("systemid"),
          system.getInt("timeline"),
          Lsn.parse(system.getString("xlogpos")));
    } catch (SQLException e) {
      if (SqlErrors.stateOf(e).equals(SYNTAX_ERROR)) {
        throw noReplication(e);
      }
      throw e;
    }
  }

  /** Something between us and the server has not passed on what the connection is for. */
  private static EtlException noReplication(SQLException e) {
    return new EtlException(
            ErrorKind.SOURCE_CONFIGURATION,
            "identify the server failed: this is no replication connection, so a pooler or proxy"
                + " has opened it",
            e)
        .withFix(SqlErrors.NO_POOLER);
  }
}
