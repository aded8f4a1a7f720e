package dev.pgetl.internal.capture.facts;

import dev.pgetl.internal.capture.session.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Which transactions of the cluster are open, as {@code pg_current_snapshot} says.
 *
 * @param oldest all before it have ended
 * @param next none from it on has begun
 */
public record OpenTransactions(long oldest, long next) {
  private static final String SNAPSHOT =
      """
      SELECT pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text FROM pg_current_snapshot() s""";

  public static OpenTransactions of(Connection connection) throws SQLException {
    return Sql.first(
            connection,
            SNAPSHOT,
            row ->
                new OpenTransactions(
                    Long.parseUnsignedLong(row.getString(1)),
                    Long.parseUnsignedLong(row.getString(2))))
        .orElseThrow();
  }
}
