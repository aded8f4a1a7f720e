package dev.pgetl.destination.postgres.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How long connections live. */
@ExtendWith(PostgresExtension.class)
class SessionsIT {
  private static final Duration CALL = Duration.ofSeconds(30);

  private static int backend(Sessions sessions) {
    return sessions.inTransaction("look", Session::backend);
  }

  @Test
  void aConnectionIsKeptForTheNextCall(TestDatabase database) {
    try (Sessions sessions = new Sessions(database.connectionConfig(), "kept", CALL)) {
      assertThat(backend(sessions)).isEqualTo(backend(sessions));
    }
  }

  /** Its temporary tables hold back the transaction numbers of the whole database. */
  @Test
  void anOldConnectionMakesRoomWithItsTemporaryTables(TestDatabase database) throws SQLException {
    try (Sessions sessions =
        new Sessions(database.connectionConfig(), "old", CALL, Duration.ZERO)) {
      int old =
          sessions.inTransaction(
              "create a temporary table",
              session -> {
                session.run("create temporary table pgetl_old (a int) on commit delete rows");
                return session.backend();
              });
      assertThat(backend(sessions)).isNotEqualTo(old);
      assertThat(sessions.backends()).hasSize(1);
      awaitGone(database);
    }
  }

  private static void awaitGone(TestDatabase database) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(database.query("select from pg_class where relname = 'pgetl_old'"))
                    .isEqualTo(List.of()));
  }

  @Test
  void theServerEndsConnectionsThatAreNeverUsedAgain(TestDatabase database) {
    try (Sessions sessions = new Sessions(database.connectionConfig(), "idle", CALL)) {
      String limit =
          sessions.inTransaction(
              "look",
              session ->
                  session.one(row -> row.getString(1), "show idle_session_timeout").orElse(""));
      assertThat(limit).isEqualTo("2h");
    }
  }
}
