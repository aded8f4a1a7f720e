package dev.pgetl.destination.postgres;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.contract.DestinationContract;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract over schemas of each test's own, behind a proxy. */
@ExtendWith(PostgresExtension.class)
abstract class TargetAccess implements DestinationContract {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static TestDatabase database;
  private static TcpProxy proxy;

  private final List<Destination> opened = new ArrayList<>();
  private final String schema = "target_" + NUMBER.incrementAndGet();

  @BeforeAll
  static void startProxy(TestDatabase shared) {
    database = shared;
    proxy = TcpProxy.to(shared.server().host(), shared.server().port());
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  abstract PostgresDestinationBuilder configured(PostgresDestinationBuilder builder);

  @Override
  public Destination openDestination() {
    Destination destination =
        configured(
                PostgresDestination.builder(
                    database.connection().port(proxy.port()).build(), "contract"))
            .schema(schema + "_state")
            .tableNames(name -> new TableName(schema, name.name()))
            .build();
    opened.add(destination);
    return destination;
  }

  @AfterEach
  void closeAll() {
    proxy.heal();
    opened.forEach(Destination::close);
  }

  @Override
  public List<List<@Nullable String>> content(TableSchema table) {
    List<List<@Nullable String>> names =
        database.query(
            "select schema_name, table_name from %s_state.target where source_oid = %s"
                .formatted(schema, table.id()));
    if (names.isEmpty()) {
      return List.of();
    }
    String columns =
        table.columns().stream()
            .map(ColumnSchema::name)
            .map(TableName::quote)
            .collect(Collectors.joining(", "));
    TableName name =
        new TableName(String.valueOf(names.get(0).get(0)), String.valueOf(names.get(0).get(1)));
    return database.query("select " + columns + " from " + name.quoted());
  }

  @Override
  public boolean canBreakTarget() {
    return true;
  }

  @Override
  public void breakTarget(boolean broken) {
    if (broken) {
      proxy.refuse();
    } else {
      proxy.heal();
    }
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
  public boolean answersLastApplied() {
    return true;
  }

  /** Its key is too large. */
  @Override
  public Optional<TableRow> refusedRow() {
    return Optional.of(TestTable.row(USERS, "9223372036854775808", "Max", "x"));
  }
}
