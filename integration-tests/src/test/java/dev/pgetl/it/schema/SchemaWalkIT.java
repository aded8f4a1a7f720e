package dev.pgetl.it.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.it.Scenario;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A walk of random changes of rows, columns and names, under an ordinary role, with stops, starts
 * and lost connections on the way. In the end the destination holds what the source holds; a change
 * it could not follow it has refused, and the table was copied again.
 */
class SchemaWalkIT {
  @RegisterExtension private static final Seed SEED = Seed.of("walk");
  private static final int STEPS = RandomRuns.count("walk.steps", 150);
  private static final String ROLE_AND_SCHEMA =
      """
      create publication pub; create schema "Other one";
      create role %1$s login replication password 'secret';
      grant usage on schema "Other one" to %1$s;
      alter default privileges grant select on tables to %1$s;
      """;

  private final RandomGenerator random = new SplittableRandom(SEED.value());
  private final List<WalkedTable> tables = new ArrayList<>();
  private int refusals;
  private int restarts;

  @Test
  void endsWithWhatTheSourceHolds() throws InterruptedException {
    System.out.println("schema walk: -Dwalk.steps=" + STEPS + " " + SEED);
    try (Scenario scenario = Scenario.with("")) {
      TestDatabase source = scenario.source();
      String role = "walker_" + source.name();
      source.execute(ROLE_AND_SCHEMA.formatted(role));
      try {
        scenario
            .connection(
                connection ->
                    connection.username(role).password("secret").lockTimeout(Duration.ofSeconds(1)))
            .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(200)));
        walk(scenario);
      } finally {
        source.execute("drop owned by %1$s; drop role %1$s".formatted(role));
      }
    }
    System.out.println("schema walk: " + restarts + " restarts, " + refusals + " refusals");
  }

  private void walk(Scenario scenario) throws InterruptedException {
    TestDatabase source = scenario.source();
    MirrorDestination mirror =
        new MirrorDestination(expression -> source.value("select (" + expression + ")::text"));
    addTable(source);
    addTable(source);
    Pipeline pipeline = start(scenario, mirror);
    try {
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(30)) {
          case 0 -> {
            pipeline.close();
            step(source, 1 + random.nextInt(10));
            pipeline = start(scenario, mirror);
          }
          case 1 -> source.killWalSender("pgetl_apply_it");
          case 2 -> settle(scenario, pipeline);
          default -> step(source, 1);
        }
      }
      source.execute(tables.stream().map(WalkedTable::insert).reduce("", String::concat));
      settle(scenario, pipeline);
      tables.forEach(table -> compare(table, mirror));
    } finally {
      pipeline.close();
    }
  }

  private Pipeline start(Scenario scenario, MirrorDestination mirror) {
    restarts++;
    Pipeline pipeline = Pipeline.create(scenario.config(), scenario.store(), mirror);
    pipeline.start();
    return pipeline;
  }

  private void addTable(TestDatabase source) {
    WalkedTable table = new WalkedTable(source, random, "t" + tables.size());
    tables.add(table);
    source.execute(table.insert());
  }

  private void step(TestDatabase source, int count) {
    for (int i = 0; i < count; i++) {
      WalkedTable table = tables.get(random.nextInt(tables.size()));
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3 -> source.execute(table.alter());
        case 4, 5, 6 -> source.execute(table.alter() + table.changeRows());
        case 7 -> source.execute(transaction(table.insert(), table.alter(), table.insert()));
        case 8 -> source.execute(transaction(table.alter(), table.alter(), table.changeRows()));
        case 9 -> addTableNowAndThen(source);
        default -> source.execute(table.changeRows());
      }
    }
  }

  private static String transaction(String... parts) {
    String all = String.join("", parts).replace("begin;", "").replace("commit;", "");
    return "begin;" + all + "commit;";
  }

  private void addTableNowAndThen(TestDatabase source) {
    if (tables.size() < 5) {
      addTable(source);
    }
  }

  /** Waits until everything is delivered, and copies again what the destination has refused. */
  private void settle(Scenario scenario, Pipeline pipeline) throws InterruptedException {
    boolean resynced;
    do {
      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> tables.stream().allMatch(table -> standsStill(scenario, table.id())));
      boolean applied = pipeline.awaitApplied(scenario.source().currentLsn(), Scenario.PATIENCE);
      resynced = false;
      for (WalkedTable table : tables) {
        if (phase(scenario, table.id()).orElseThrow() instanceof Errored errored) {
          assertThat(errored.reason()).startsWith("tell the columns of ");
          pipeline.resync(table.id());
          refusals++;
          resynced = true;
        }
      }
      assertThat(applied || resynced).isTrue();
    } while (resynced);
  }

  private static boolean standsStill(Scenario scenario, TableId table) {
    return phase(scenario, table)
        .filter(
            phase ->
                phase instanceof Ready
                    || (phase instanceof Errored errored
                        && errored.retryDirective() == RetryDirective.MANUAL))
        .isPresent();
  }

  private static Optional<TableReplicationPhase> phase(Scenario scenario, TableId table) {
    return scenario.store().getTableReplicationState(table);
  }

  private static void compare(WalkedTable table, MirrorDestination mirror) {
    assertThat(mirror.shape(table.id())).isEqualTo(table.shape());
    assertThat(mirror.rows(table.id())).as("rows of %s", table.shape()).isEqualTo(table.rows());
  }
}
