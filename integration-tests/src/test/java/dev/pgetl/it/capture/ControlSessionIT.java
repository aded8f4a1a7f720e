package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.Connector;
import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.SessionSettings;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Queries that see the database as it is at one moment. */
class ControlSessionIT {
  private static long count(Connection connection) throws SQLException {
    return Sql.first(connection, "select count(*) from public.t", row -> row.getLong(1))
        .orElseThrow();
  }

  @Test
  void aMomentEndsWithItsQueriesAlsoIfTheyFail() {
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute("create table t(id int)");
      PgConnectionConfig config = database.connectionConfig();
      try (Connector connector =
              new Connector(config, new SessionSettings(config, "it"), Platform.jvm());
          ControlSession control = new ControlSession(connector)) {
        long seen =
            control.callAtOneMoment(
                "count",
                connection -> {
                  long before = count(connection);
                  database.execute("insert into t values (1)");
                  return count(connection) - before;
                });
        assertThat(seen).isZero();

        assertThatThrownBy(
                () ->
                    control.callAtOneMoment(
                        "fail", c -> count(c) + Sql.list(c, "select 1 / 0", r -> 1).size()))
            .isInstanceOf(EtlException.class);
        database.execute("insert into t values (2)");
        assertThat(control.<Long>call("count", ControlSessionIT::count)).isEqualTo(2);
      }
    }
  }
}
