package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a destination lacks is found, and its fix carried out as printed. */
class DestinationDoctorIT {
  private static final String ROLE = "destination_doctor_" + ProcessHandle.current().pid();

  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final PgConnectionConfig connection =
      database.connection().username(ROLE).password("x").build();

  @AfterEach
  void close() {
    database.execute("drop owned by %1$s; drop role %1$s".formatted(ROLE));
    database.close();
  }

  @Test
  void missingPrivilegesAreGrantedAsPrinted() {
    database.execute("create role " + ROLE + " login password 'x'");
    try (PostgresDestination destination = PostgresDestination.builder(connection, "it").build()) {
      follow(destination);
      destination.startup();
      database.execute(
          "revoke usage on schema %1$s from %2$s; alter schema %1$s owner to current_user"
              .formatted(PostgresDestination.DEFAULT_SCHEMA, ROLE));
      follow(destination);
    }
  }

  private void follow(PostgresDestination destination) {
    List<Finding> found = destination.diagnose();
    assertThat(found)
        .singleElement()
        .matches(each -> each.code() == FindingCode.DESTINATION_READ_ONLY);
    found.forEach(each -> each.sql().forEach(database::execute));
    assertThat(destination.diagnose()).isEmpty();
  }

  @Test
  void aServerThatRefusesTheLoginIsUnreachable() {
    database.execute("create role " + ROLE + " nologin");
    try (PostgresDestination destination = PostgresDestination.builder(connection, "it").build()) {
      assertThat(destination.diagnose())
          .extracting(Finding::code)
          .containsExactly(FindingCode.DESTINATION_UNREACHABLE);
    }
  }
}
