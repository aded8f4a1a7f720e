package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.quarantine.QuarantiningDestination;
import dev.pgetl.quarantine.RefusalPolicy;
import dev.pgetl.quarantine.ReplayResult;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.memory.FileQuarantine;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random changes with restarts and replays between them; the destination refuses some. A trigger of
 * the destination refuses a change that does not follow the one before of its row, so nothing would
 * leave the quarantine out of order.
 *
 * <p>{@code -Dseed=… -Dquarantine.histories=…} choose the histories.
 */
@ExtendWith(PostgresExtension.class)
class QuarantineHistoriesIT {
  private static final Seed SEED = Seed.of("seed");
  private static final int STEPS = RandomRuns.count("quarantine.histories", 2) * 12;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final TableName TABLE = new TableName("public", "notes");
  private static final String ROWS = "select t::text from notes t order by id";

  private final SplittableRandom random = new SplittableRandom(SEED.value());
  private final MemoryStore store = new MemoryStore();
  private @TempDir Path folder;

  private record Run(Pipeline pipeline, QuarantiningDestination guarded) {}

  private Run start(TestDatabase source, TestDatabase target) {
    QuarantiningDestination guarded =
        QuarantiningDestination.builder(
                PostgresDestination.builder(target.connectionConfig(), "notes").build(),
                FileQuarantine.open(folder.resolve("quarantine")))
            .otherTables(RefusalPolicy.QUARANTINE)
            .build();
    PipelineConfig config =
        PipelineConfig.builder("notes", "pub", source.connectionConfig()).build();
    Pipeline pipeline = Pipeline.create(config, store, guarded);
    pipeline.start();
    return new Run(pipeline, guarded);
  }

  private static void stop(Run run) throws InterruptedException {
    run.pipeline.close();
    run.pipeline.awaitTermination();
  }

  private void change(TestDatabase source) {
    StringBuilder sql = new StringBuilder("begin;");
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      int id = random.nextInt(30);
      int value = random.nextInt(20);
      String change =
          switch (random.nextInt(5)) {
            case 0, 1 ->
                "insert into notes values (%1$d, %2$d, nextval('n')) on conflict (id) do update"
                    + " set v = %2$d, n = nextval('n');";
            case 2 -> "update notes set v = %2$d, n = nextval('n') where id = %1$d;";
            case 3 -> "delete from notes where id = %1$d;";
            default ->
                "delete from notes where id = %2$d + 30;"
                    + "update notes set id = %2$d + 30, n = nextval('n') where id = %1$d;";
          };
      sql.append(change.formatted(id, value));
    }
    source.execute(sql.append("commit;").toString());
  }

  private static void refuseSome(TestDatabase target, boolean refuse) {
    target.execute("alter table notes drop constraint if exists fits");
    if (refuse) {
      target.execute("alter table notes add constraint fits check (v % 5 <> 0) not valid");
    }
  }

  private static void assertReplayed(Run run, TestDatabase source, TestDatabase target)
      throws InterruptedException {
    refuseSome(target, false);
    ReplayResult result = run.guarded.replay(TABLE, PATIENCE);
    assertThat(result.left()).as("left of %s", result).isZero();
    assertThat(run.guarded.status()).isEmpty();
    assertThat(run.pipeline.awaitApplied(source.currentLsn(), PATIENCE, Set.of())).isTrue();
    assertThat(target.query(ROWS)).isEqualTo(source.query(ROWS));
  }

  @Test
  void replaysKeepTheOrderOfEachKey() throws InterruptedException {
    int restartsWithEvents = 0;
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        TestDatabase target = TestPostgres.shared().createDatabase()) {
      source.execute(
          "create sequence n; create table notes (id int primary key, v int, n int);"
              + " create publication pub for table notes");
      Run run = start(source, target);
      assertThat(run.pipeline.awaitReady(PATIENCE)).isTrue();
      target.execute(
          """
          create function follows() returns trigger language plpgsql as $$ begin
            if new.n < old.n then raise exception 'out of order'; end if; return new; end $$;
          create trigger follows before update on notes for each row execute function follows();
          alter table notes enable always trigger follows;
          """);
      refuseSome(target, true);
      for (int step = 0; step < STEPS; step++) {
        change(source);
        if (random.nextInt(3) == 0) {
          assertThat(run.pipeline.awaitApplied(source.currentLsn(), PATIENCE, Set.of())).isTrue();
          restartsWithEvents += run.guarded.status().isEmpty() ? 0 : 1;
          stop(run);
          run = start(source, target);
          assertThat(run.pipeline.awaitReady(PATIENCE)).isTrue();
        } else if (random.nextInt(4) == 0) {
          assertReplayed(run, source, target);
          refuseSome(target, true);
        }
      }
      assertReplayed(run, source, target);
      stop(run);
    }
    assertThat(restartsWithEvents).as("%s", SEED).isPositive();
  }
}
