package dev.pgetl.destination.postgres.state;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.sql.TextArray;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process that had the tables before, and may be paused within a call. */
final class Predecessor {
  private static final Logger LOG = LoggerFactory.getLogger(Predecessor.class);

  /** Its connections have the name that this one has. */
  private static final String END =
      """
      select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
      where datname = current_database() and usename = session_user
        and application_name = pg_catalog.current_setting('application_name')
        and xact_start is not null and pid <> all (?::int[])
      """;

  private Predecessor() {}

  /**
   * Ends its transactions. A {@code COPY} that waits for the rows of a paused process holds its
   * locks without end: the connection lives, and no time limit of the server counts.
   *
   * @param own the server's processes for this one
   */
  static void end(Session session, Collection<Integer> own) throws SQLException {
    List<Boolean> ended =
        session.all(row -> row.getBoolean(1), END, TextArray.of(List.copyOf(own)));
    if (!ended.isEmpty()) {
      LOG.warn("ended {} transactions of the process that wrote before", ended.size());
    }
  }
}
