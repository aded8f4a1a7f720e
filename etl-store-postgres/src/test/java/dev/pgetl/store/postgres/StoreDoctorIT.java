package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a store lacks is found, and its fix carried out as printed. */
class StoreDoctorIT {
  private static final String ROLE = "store_doctor_" + ProcessHandle.current().pid();

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
    try (PostgresLayer layer = PostgresLayer.builder(connection, "it").build()) {
      follow(layer);
      database.execute("revoke create on database %s from %s".formatted(database.name(), ROLE));
      database.execute(PostgresLayer.ddl(PostgresLayer.DEFAULT_SCHEMA));
      follow(layer);
      layer.read(change -> {});
      assertThat(layer.diagnose()).isEmpty();
    }
  }

  /** Until nothing is found; each fix is a step. */
  private void follow(PostgresLayer layer) {
    List<Finding> found = layer.diagnose();
    assertThat(found).isNotEmpty();
    while (!found.isEmpty()) {
      assertThat(found).allMatch(each -> each.code() == FindingCode.STORE_READ_ONLY);
      found.forEach(each -> each.sql().forEach(database::execute));
      List<Finding> next = layer.diagnose();
      assertThat(next).doesNotContainAnyElementsOf(found);
      found = next;
    }
  }

  @Test
  void aServerThatRefusesTheLoginIsUnreachable() {
    database.execute("create role " + ROLE + " nologin");
    try (PostgresLayer layer = PostgresLayer.builder(connection, "it").build()) {
      assertThat(layer.diagnose())
          .extracting(Finding::code)
          .containsExactly(FindingCode.STORE_UNREACHABLE);
    }
  }
}
