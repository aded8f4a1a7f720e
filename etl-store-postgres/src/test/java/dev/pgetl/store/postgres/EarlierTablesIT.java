package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.LayerContents;
import dev.pgetl.store.memory.StateOfVersion1;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tables that an earlier version of the library made and filled: {@code tables-1.sql}, and one such
 * file for each further version.
 */
@ExtendWith(PostgresExtension.class)
class EarlierTablesIT {
  private static final int VERSIONS = 1;

  private final TestDatabase database;

  EarlierTablesIT(TestDatabase database) {
    this.database = database;
  }

  private void restore(int version) throws IOException {
    String name = "tables-" + version + ".sql";
    try (InputStream file = EarlierTablesIT.class.getResourceAsStream(name)) {
      byte[] sql = Objects.requireNonNull(file, name).readAllBytes();
      database.execute(new String(sql, StandardCharsets.UTF_8));
    }
  }

  @Test
  void ofEveryVersionAreReadUpgradedAndWritten() throws IOException {
    for (int version = 1; version <= VERSIONS; version++) {
      restore(version);
      try (PostgresLayer layer =
          PostgresLayer.builder(database.connectionConfig(), "orders").build()) {
        assertThat(LayerContents.of(layer)).isEqualTo(StateOfVersion1.contents());
        StateOfVersion1.changes().forEach(layer::write);
        layer.write(new MappingStored(new TableId(1), "written since"));
      }
      assertThat(database.value("select epoch from pgetl.pipeline")).isEqualTo("5");
      assertThat(database.value("select max(version) from pgetl.migration"))
          .isEqualTo(Integer.toString(VERSIONS));
      database.execute("drop schema pgetl cascade");
    }
  }

  @Test
  void areKnownHereForEveryVersionThereIs() {
    assertThat(PostgresLayer.ddl("pgetl", VERSIONS)).isNotEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> PostgresLayer.ddl("pgetl", VERSIONS + 1));
  }

  /** A second version, as the next release may have one. */
  @Test
  void areUpgradedInPlaceOnlyIfThatIsAllowed() throws IOException, SQLException {
    restore(1);
    StoreMigrations next =
        new StoreMigrations(
            "pgetl",
            List.of(
                "the first version is there already",
                "alter table @.pipeline add note text; insert into @.migration (version) values (2);"));
    try (Connection connection = database.connect()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> next.apply(connection, false))
          .withMessageContaining("PostgresLayer.ddl(\"pgetl\", 1)");
      next.apply(connection, true);
      next.apply(connection, false);
    }
    assertThat(database.query("select name, note, epoch from pgetl.pipeline"))
        .containsExactly(Arrays.asList("orders", null, "4"));
    try (PostgresLayer older =
        PostgresLayer.builder(database.connectionConfig(), "orders").build()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> LayerContents.of(older))
          .withMessageContaining("version 2");
    }
  }
}
