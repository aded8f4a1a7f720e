package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import java.sql.SQLException;
import java.util.function.Consumer;

/**
 * Whether the session is one of the server itself: the process that the server named at the login
 * answers, each time, with the settings that the login asked for.
 */
final class SessionCheck implements Check {
  private static final String ANSWERS =
      """
      SELECT pg_backend_pid(), current_setting('search_path') = 'pg_catalog'
        AND current_setting('row_security') = 'off' AND current_setting('bytea_output') = 'hex'""";

  /**
   * Who answers.
   *
   * @param pid the process
   * @param pinned whether it has the settings
   */
  record Answer(int pid, boolean pinned) {}

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    int named = source.session().backendPid();
    for (int i = 0; i < 2; i++) {
      Answer answer =
          Sql.first(
                  source.connection(), ANSWERS, row -> new Answer(row.getInt(1), row.getBoolean(2)))
              .orElseThrow();
      String problem = problem(named, answer);
      if (!problem.isEmpty()) {
        found.accept(pooler(problem));
        return;
      }
    }
  }

  static String problem(int named, Answer answer) {
    if (answer.pid() != named) {
      return "the login was at server process "
          + named
          + ", and process "
          + answer.pid()
          + " answers: a pooler shares sessions between clients";
    }
    return answer.pinned()
        ? ""
        : "the session lacks the settings that the login asked for: a pooler has left them out";
  }

  static Finding pooler(String problem) {
    return Finding.of(FindingCode.POOLER, problem).fixedBy(SqlErrors.NO_POOLER);
  }
}
