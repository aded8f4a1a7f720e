package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever is killed, no row is lost and none is there twice, also without a key. Seed and count:
 * {@code -Dkills.seed=… -Dkills=…}.
 */
@ExtendWith(PostgresExtension.class)
class KillsIT {
  @RegisterExtension private static final Seed SEED = Seed.of("kills");
  private static final int KILLS = RandomRuns.count("kills", 4);
  private static final int SESSION_KILLS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Rows or events are there, and the store does not know it yet; or nowhere. */
  private static final List<String> FAILPOINTS =
      List.of("AFTER_EVENTS_WRITTEN", "-", "BEFORE_EVENTS_WRITTEN");

  private static final String TABLES =
      """
      create table log (n bigint, text text);
      create table accounts (id int primary key, n bigint, text text);
      create sequence number;
      insert into log select nextval('number'), 'copied' from generate_series(1, 3000);
      insert into accounts select i, 0, repeat('x', 100) from generate_series(1, 1000) i;
      create publication pub for all tables;
      """;

  /** Every row of the log is unique, so one that is there twice is seen. */
  private static final String WRITE =
      """
      begin;
      insert into log select nextval('number'), 'streamed' from generate_series(1, 40);
      update accounts set n = n + 1 where id %% 50 = %1$d %% 50;
      delete from accounts where id = -%1$d;
      update accounts set id = -id where id = %1$d;
      commit;
      """;

  private final SplittableRandom random = new SplittableRandom(SEED.value());
  private final TestDatabase source = TestPostgres.shared().createDatabase();
  private final TestDatabase target = TestPostgres.shared().createDatabase();
  private final Processes processes = new Processes(source, target, 64 << 20);
  private int halts;

  @AfterEach
  void drop() {
    processes.close();
    source.close();
    target.close();
  }

  @Test
  void nothingIsLostOrDoubled() throws IOException, InterruptedException {
    System.out.printf("Kills: %d, %s%n", KILLS, SEED);
    source.execute(TABLES);
    for (int kills = 0; kills < KILLS; kills++) {
      String failpoint =
          kills == 0 ? "AFTER_ROWS_WRITTEN" : FAILPOINTS.get(kills % FAILPOINTS.size());
      Process process = processes.start(failpoint, passes(failpoint));
      if (failpoint.equals("-")) {
        killSessions();
      } else {
        await("the process halts").atMost(PATIENCE).until(() -> halted(process));
        halts++;
      }
      process.destroyForcibly().waitFor();
    }
    assertThat(halts).isPositive();
    processes.finish(processes.start("-", 0));
    for (String table : List.of("log", "accounts")) {
      String rows = "select t::text from " + table + " t order by 1";
      assertThat(target.query(rows)).as(table).isEqualTo(source.query(rows));
    }
  }

  private int passes(String failpoint) {
    return failpoint.equals("AFTER_ROWS_WRITTEN") ? 1 : random.nextInt(1, 5);
  }

  /** Writes, so that it reaches its failpoint. */
  private boolean halted(Process process) {
    write();
    return !process.isAlive();
  }

  /** Connections break at random moments, before the process is killed at one. */
  private void killSessions() {
    for (int i = 0; i < SESSION_KILLS; i++) {
      String before = rows();
      await("rows arrive").atMost(PATIENCE).until(() -> arrived(before));
      processes.killSessions();
    }
  }

  private boolean arrived(String before) {
    write();
    return !rows().equals(before);
  }

  private String rows() {
    boolean there = !target.query("select from pg_class where relname = 'log'").isEmpty();
    return there ? target.value("select count(*) from log") : "";
  }

  private void write() {
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      source.execute(WRITE.formatted(1 + random.nextInt(1000)));
    }
  }
}
