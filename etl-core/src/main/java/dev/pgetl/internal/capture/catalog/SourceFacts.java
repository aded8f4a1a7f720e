package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.session.Session;
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

  public static SourceFacts of(Session replication) throws SQLException {
    try (Statement statement = replication.jdbc().createStatement();
        ResultSet system = statement.executeQuery("IDENTIFY_SYSTEM")) {
      system.next();
      return new SourceFacts(
          system.getString("systemid"),
          system.getInt("timeline"),
          Lsn.parse(system.getString("xlogpos")));
    }
  }
}
