package dev.pgetl.it.ddl;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.postgres.PostgresDestination;
import dev.pgetl.destination.postgres.SchemaChanges;
import dev.pgetl.it.ddl.Catalogue.Table;
import dev.pgetl.it.ddl.Step.Kind;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.wal.Lsn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A source that is altered at random, a pipeline, and a destination. The oracle reads both servers
 * by SQL, and knows of the pipeline only which tables it reports. Not thread-safe.
 */
final class DdlHistory implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String TYPES =
      "create type mood as enum ('sad', 'ok', 'Very \"happy\"'); create domain posint as int"
          + " check (value > 0);";

  private final Side source;
  private final Side target;
  private final Catalogue catalogue;
  private final RandomGenerator random;
  private final RandomSteps steps;
  private final SchemaChanges mode = SchemaChanges.valueOf(System.getProperty("ddl.mode", "APPLY"));
  private final MemoryStore store = new MemoryStore();
  private final Pipeline pipeline;
  private final Tally tally = new Tally();
  private final Reports reports;

  /** Steps since both sides were equal, and tables that no event has followed since. */
  private final List<Step> burst = new ArrayList<>();

  private final Set<Long> unseen = new HashSet<>();

  DdlHistory(PgConnectionConfig from, PgConnectionConfig to, RandomGenerator random)
      throws SQLException, InterruptedException {
    this.random = random;
    String name = "ddl_" + ProcessHandle.current().pid();
    source = new Side(from, name + "_source");
    target = new Side(to, name + "_target");
    catalogue = new Catalogue(source);
    steps = new RandomSteps(random);
    source.run(TYPES + "create type pair as (a int, b text)");
    source.run("create schema " + Side.quoted(RandomSteps.OTHER_SCHEMA));
    source.run("create publication pub for all tables with (publish_via_partition_root = true)");
    target.run(TYPES);
    pipeline =
        Pipeline.create(
            PipelineConfig.builder("ddl", "pub", source.config())
                .publicationRefreshInterval(Duration.ofMillis(500))
                .build(),
            store,
            PostgresDestination.builder(target.config(), "ddl").schemaChanges(mode).build());
    reports = new Reports(pipeline, target);
    pipeline.start();
  }

  /** Makes steps; both sides are compared after each, or after a few. */
  void run(int count) throws Exception {
    while (tally.steps() < count) {
      int length = random.nextInt(3) == 0 ? 2 + random.nextInt(3) : 1;
      for (int i = 0; i < length; i++) {
        step();
      }
      compare();
      burst.clear();
    }
  }

  private void step() throws SQLException {
    for (int attempt = 0; attempt < 20; attempt++) {
      List<Table> before = catalogue.tables();
      Step step = steps.next(before);
      try {
        source.run(step.sql());
      } catch (SQLException e) {
        continue;
      }
      tally.step(step);
      burst.add(step);
      if (step.isTouched()) {
        unseen.add(step.table());
        unseen.addAll(renamed(before));
      }
      touch();
      return;
    }
    throw new IllegalStateException("the source refuses every step");
  }

  /** Tables that have another name now. */
  private List<Long> renamed(List<Table> before) throws SQLException {
    Map<Long, String> names = new HashMap<>();
    before.forEach(table -> names.put(table.oid(), table.sql()));
    return catalogue.tables().stream()
        .filter(table -> !table.sql().equals(names.get(table.oid())))
        .map(Table::oid)
        .toList();
  }

  /** An event follows, by which the change shows. */
  private void touch() throws SQLException {
    List<Table> tables = catalogue.tables();
    for (Table table : tables) {
      for (int i = 0; i < 6 && unseen.contains(table.oid()); i++) {
        String sql = i % 2 == 0 ? steps.rows().insert(table, 1) : steps.rows().update(table);
        try {
          source.run(sql);
          if (i % 2 == 0) {
            unseen.remove(table.oid());
          }
        } catch (SQLException e) {
          // another one
        }
      }
    }
  }

  /** Waits until the sides are equal; tables that the pipeline reports are fixed as it says. */
  private void compare() throws Exception {
    Map<Long, String> unequal = new HashMap<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    Lsn position = Lsn.parse(source.texts("select pg_current_wal_flush_lsn()").get(0));
    boolean reported = true;
    while (reported || !unequal.isEmpty()) {
      if (System.nanoTime() > end) {
        fault(unequal);
        return;
      }
      if (!settle(end)) {
        fault(unequal);
        return;
      }
      boolean unused = pipeline.awaitApplied(position, PATIENCE, Set.of());
      unequal.clear();
      for (Table table : catalogue.tables()) {
        if (!unseen.contains(table.oid()) && !isEqual(table)) {
          unequal.put(table.oid(), table.name());
        }
      }
      reported = reports.fix(tally, burst, mode == SchemaChanges.APPLY);
    }
  }

  /** Every table is carried, and is copied or has failed. */
  private boolean settle(long end) {
    try {
      Awaitility.await()
          .atMost(Duration.ofNanos(Math.max(200_000_000, end - System.nanoTime())))
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(20))
          .until(this::isSettled);
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  private boolean isSettled() throws SQLException {
    Map<TableId, TableStatus> known = pipeline.status().tables();
    return catalogue.tables().stream()
        .map(table -> known.get(new TableId(table.oid())))
        .allMatch(status -> status != null && (status.isReady() || status.needsResync()));
  }

  private boolean isEqual(Table table) {
    try {
      return rows(source, table).equals(rows(target, table));
    } catch (SQLException e) {
      return false;
    }
  }

  /** Doubled rows count twice. */
  private static Map<Object, Integer> rows(Side side, Table table) throws SQLException {
    Map<Object, Integer> counts = new HashMap<>();
    String columns = table.texts().isEmpty() ? "1" : table.texts();
    for (Object row : side.query("select " + columns + " from " + table.sql())) {
      counts.merge(row, 1, Integer::sum);
    }
    return counts;
  }

  private void fault(Map<Long, String> unequal) throws Exception {
    tally.fault(
        "unequal without a report: " + unequal + " after " + burst + " " + pipeline.status());
    for (Long oid : unequal.keySet()) {
      pipeline.resync(new TableId(oid));
    }
    burst.add(new Step(Kind.ROWS, 0, "after a fault", false));
  }

  /** {@return what contradicts the promise} */
  List<String> faults() {
    return tally.faults();
  }

  /** {@return the counts} */
  String report() {
    return tally.toString();
  }

  @Override
  public void close() throws Exception {
    pipeline.close();
    pipeline.awaitTermination();
    store.close();
    for (String slot :
        source.texts(
            "select slot_name from pg_replication_slots where database = current_database()")) {
      source.run("select pg_drop_replication_slot('" + slot + "')");
    }
    source.close();
    target.close();
  }
}
