package dev.pgetl.it.replace;

import dev.pgetl.destination.Destination;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.contract.DestinationContract;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;

/** The rules of every destination, for one that keeps tables in a database. */
class SqlDestinationIT implements DestinationContract {
  private static final TestDatabase TARGET = TestPostgres.shared().createDatabase();
  private boolean broken;

  @AfterEach
  void empty() {
    TARGET.execute("drop schema public cascade; create schema public");
  }

  @AfterAll
  static void drop() {
    TARGET.close();
  }

  @Override
  public Destination openDestination() {
    return new SqlDestination(
        () -> {
          if (broken) {
            throw new SQLException("the target is broken");
          }
          return TARGET.connect();
        },
        true);
  }

  @Override
  public List<List<@Nullable String>> content(TableSchema table) {
    String state = "select name from pipeline_tables where id = " + table.id().oid();
    if (TARGET.query(state).isEmpty()) {
      return List.of();
    }
    String columns =
        table.columns().stream().map(ColumnSchema::name).collect(Collectors.joining(", "));
    return TARGET.query("select " + columns + " from " + TARGET.value(state));
  }

  @Override
  public boolean removesRanges() {
    return true;
  }

  @Override
  public boolean replacesTables() {
    return true;
  }

  @Override
  public boolean canBreakTarget() {
    return true;
  }

  @Override
  public void breakTarget(boolean isBroken) {
    broken = isBroken;
  }
}
