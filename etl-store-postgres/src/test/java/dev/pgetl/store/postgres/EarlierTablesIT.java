package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.LayerContents;
import dev.pgetl.store.memory.StateOfVersion1;
import dev.pgetl.store.memory.StateOfVersion2;
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
  private static final int VERSIONS = 4;

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
        assertThat(LayerContents.of(layer))
            .isEqualTo(version == 1 ? StateOfVersion1.contents() : StateOfVersion2.contents());
        StateOfVersion2.changes().forEach(layer::write);
        layer.write(new MappingStored(new TableId(1), "written since"));
      }
      // Epochs are milliseconds since: they rise above those of every state.
      assertThat(
              database.value(
                  "select now() - to_timestamp(epoch / 1000.0) between '0 s' and '1 min'"
                      + " from pgetl.pipeline"))
          .isEqualTo("t");
      assertThat(database.value("select max(version) from pgetl.migration"))
          .isEqualTo(Integer.toString(VERSIONS));
      database.execute("drop schema pgetl cascade");
    }
  }

  /** Whoever has upgraded tables has the same ones as whoever has made them. */
  @Test
  void areTheSameUpgradedAndMade() throws IOException {
    restore(1);
    database.execute(PostgresLayer.ddl("pgetl", 1));
    database.execute(PostgresLayer.ddl("made"));
    assertThat(columns("pgetl")).isEqualTo(columns("made"));
    assertThat(database.query(PostgresLayer.TABLES_QUERY)).hasSize(2 * 10);
  }

  private List<List<String>> columns(String schema) {
    return database.query(
        """
        select table_name, column_name, data_type, is_nullable, column_default
        from information_schema.columns where table_schema = '%s'
        order by table_name, ordinal_position
        """
            .formatted(schema));
  }

  @Test
  void areUpgradedByTheirOwnerForARoleThatMayNot() throws IOException {
    restore(1);
    String role = database.name() + "_role";
    database.execute(
        """
        create role %1$s login password 'hidden';
        grant usage on schema pgetl to %1$s;
        grant select, insert, update, delete on all tables in schema pgetl to %1$s
        """
            .formatted(role));
    PgConnectionConfig limited = database.connection().username(role).password("hidden").build();
    try (PostgresLayer layer = PostgresLayer.builder(limited, "orders").build()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> LayerContents.of(layer))
          .withMessageContaining("version 1")
          .satisfies(e -> assertThat(e.fix()).contains("PostgresLayer.ddl(\"pgetl\", 1)"))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE))
          .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL));
      database.execute(PostgresLayer.ddl("pgetl", 1));
      database.execute(
          "grant select, insert, update, delete on all tables in schema pgetl to " + role);
      assertThat(LayerContents.of(layer)).isEqualTo(StateOfVersion1.contents());
    } finally {
      database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
    }
  }

  @Test
  void areKnownHereForEveryVersionThereIs() {
    assertThat(PostgresLayer.ddl("pgetl", VERSIONS)).isNotEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> PostgresLayer.ddl("pgetl", VERSIONS + 1));
  }

  /** A fifth version, as the next release may have one. */
  @Test
  void areUpgradedInPlaceOnlyIfThatIsAllowed() throws IOException, SQLException {
    restore(4);
    StoreMigrations next =
        new StoreMigrations(
            "pgetl",
            List.of(
                "the first version is there already",
                "so is the second",
                "and the third",
                "and the fourth",
                "alter table @.pipeline add note text; insert into @.migration (version) values"
                    + " (5);"));
    try (Connection connection = database.connect()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> next.apply(connection, false))
          .withMessageContaining("PostgresLayer.ddl(\"pgetl\", 4)");
      next.apply(connection, true);
      next.apply(connection, false);
    }
    assertThat(database.query("select name, note, epoch from pgetl.pipeline"))
        .containsExactly(Arrays.asList("orders", null, "4"));
    try (PostgresLayer older =
        PostgresLayer.builder(database.connectionConfig(), "orders").build()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> LayerContents.of(older))
          .withMessageContaining("version 5")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_CORRUPT));
    }
  }
}
