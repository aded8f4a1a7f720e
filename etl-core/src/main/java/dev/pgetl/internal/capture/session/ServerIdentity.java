package dev.pgetl.internal.capture.session;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Which database this is, whatever address leads to it.
 *
 * @param cluster the cluster's system identifier
 * @param database the database's number in it
 */
record ServerIdentity(String cluster, long database) {
  private static final String QUERY =
      """
      SELECT (SELECT system_identifier::text FROM pg_control_system()),
        (SELECT oid::bigint FROM pg_database WHERE datname = current_database())""";

  static ServerIdentity of(Connection connection) throws SQLException {
    return Sql.first(connection, QUERY, row -> new ServerIdentity(row.getString(1), row.getLong(2)))
        .orElseThrow();
  }

  void require(ServerIdentity now, String target) {
    if (!equals(now)) {
      throw new EtlException(
              ErrorKind.SOURCE_UNAVAILABLE,
              target
                  + " is another one than before: cluster "
                  + now.cluster
                  + ", database number "
                  + now.database
                  + " instead of cluster "
                  + cluster
                  + ", database number "
                  + database)
          .withFix("Let the address lead to the former server, or restart the pipeline");
    }
  }
}
