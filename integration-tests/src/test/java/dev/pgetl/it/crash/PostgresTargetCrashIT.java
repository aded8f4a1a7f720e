package dev.pgetl.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.postgres.PostgresDestination;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.crash.CrashReport;
import dev.pgetl.testkit.crash.CrashSite;
import dev.pgetl.testkit.crash.CrashSubject;
import dev.pgetl.testkit.crash.CrashTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Another database ends equal to the source, though the process between them is killed. */
class PostgresTargetCrashIT {
  @RegisterExtension private static final Seed SEED = Seed.of("crash");
  private static final int KILLS = Math.max(3, RandomRuns.count("crash.kills", 12) / 4);
  private static final String TARGET = "target_of_crashes";

  /** There is no such database, or no such table. */
  private static final Set<String> NOT_THERE = Set.of("3D000", "42P01");

  /** The engine over the file store and the Postgres destination. */
  public static final class PostgresTarget implements CrashSubject {
    @Override
    public PipelineStore openStore(CrashSite site) {
      return new MemoryStore(FileLayer.open(site.directory().resolve("state")));
    }

    /** A database on the source's own server, which each round has for itself. */
    @Override
    public Optional<Destination> openDestination(CrashSite site) {
      try (Connection connection = connect(site.source(), site.source().name());
          Statement statement = connection.createStatement();
          ResultSet known =
              statement.executeQuery("select from pg_database where datname = '" + TARGET + "'")) {
        if (!known.next()) {
          boolean unused = statement.execute("create database " + TARGET);
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      return Optional.of(PostgresDestination.builder(target(site.source()), "crash").build());
    }

    @Override
    public Optional<List<List<@Nullable String>>> content(CrashSite site, TableSchema table) {
      String columns =
          table.columns().stream()
              .map(ColumnSchema::name)
              .map(TableName::quote)
              .collect(Collectors.joining(", "));
      try (Connection connection = connect(site.source(), TARGET);
          Statement statement = connection.createStatement();
          ResultSet result =
              statement.executeQuery("select " + columns + " from " + table.name().quoted())) {
        List<List<@Nullable String>> rows = new ArrayList<>();
        while (result.next()) {
          List<@Nullable String> row = new ArrayList<>();
          for (int i = 1; i <= table.columnCount(); i++) {
            row.add(result.getString(i));
          }
          rows.add(row);
        }
        return Optional.of(rows);
      } catch (SQLException e) {
        if (NOT_THERE.contains(e.getSQLState())) {
          return Optional.of(List.of());
        }
        throw new IllegalStateException(e);
      }
    }

    private static PgConnectionConfig target(PgConnectionConfig source) {
      return PgConnectionConfig.builder(source.hosts(), TARGET, source.username())
          .password(source.password().reveal())
          .build();
    }

    private static Connection connect(PgConnectionConfig source, String database)
        throws SQLException {
      return DriverManager.getConnection(
          "jdbc:postgresql://%s:%d/%s".formatted(source.host(), source.port(), database),
          source.username(),
          source.password().reveal());
    }
  }

  @Test
  void anotherDatabaseEndsEqual() throws InterruptedException {
    System.out.printf("PostgresTarget: %d kills, %s%n", KILLS, SEED);
    CrashReport report = CrashTest.of(PostgresTarget.class).kills(KILLS).seed(SEED.value()).run();
    System.out.println(report);
    assertThat(report.kills()).isGreaterThanOrEqualTo(KILLS);
  }
}
