package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.capture.standby.StandbySource;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * What server this is and where its log stands.
 *
 * @param systemIdentifier the cluster, as {@code IDENTIFY_SYSTEM} says
 * @param timeline the cluster's timeline
 * @param currentWal the end of what is flushed of the log; of a standby, of what it has replayed,
 *     which may be before what it had replayed when it was restarted
 * @param standby whether it is a standby
 */
public record SourceFacts(String systemIdentifier, int timeline, Lsn currentWal, boolean standby) {
  /** SQLSTATE of a command that the server does not know. */
  private static final String SYNTAX_ERROR = "42601";

  /** The name of a file of the log begins with the timeline. */
  private static final String QUERY =
      """
      SELECT (SELECT system_identifier::text FROM pg_control_system()),
        ('x' || left(pg_walfile_name(position), 8))::bit(32)::int, position
      FROM (SELECT pg_current_wal_flush_lsn() AS position WHERE NOT pg_is_in_recovery() OFFSET 0) AS of_primary""";

  /** A primary. */
  public SourceFacts(String systemIdentifier, int timeline, Lsn currentWal) {
    this(systemIdentifier, timeline, currentWal, false);
  }

  /** {@return a primary, asked in SQL; empty on a standby, which does not say its timeline so} */
  public static Optional<SourceFacts> ofPrimary(Connection connection) throws SQLException {
    return Sql.first(
        connection,
        QUERY,
        row -> new SourceFacts(row.getString(1), row.getInt(2), Lsn.parse(row.getString(3))));
  }

  public static SourceFacts of(Session replication) throws SQLException {
    boolean standby = StandbySource.is(replication.jdbc());
    try (Statement statement = replication.jdbc().createStatement();
        ResultSet system = statement.executeQuery("IDENTIFY_SYSTEM")) {
      system.next();
      return new SourceFacts(
          system.getString("systemid"),
          system.getInt("timeline"),
          standby
              ? StandbySource.endOfWal(replication.jdbc())
              : Lsn.parse(system.getString("xlogpos")),
          standby);
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
