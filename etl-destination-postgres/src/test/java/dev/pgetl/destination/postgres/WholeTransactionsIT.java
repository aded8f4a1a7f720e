package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Amounts move between the rows of two tables, so that the sum over both stays. A batch has 50
 * events. Seed and count: {@code -Dwhole.seed=… -Dwhole.kills=…}.
 */
@ExtendWith(PostgresExtension.class)
class WholeTransactionsIT {
  @RegisterExtension private static final Seed SEED = Seed.of("whole");

  private static final int KILLS = Integer.getInteger("whole.kills", 3);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SUM = 400_000;

  private static final List<String> FAILPOINTS =
      List.of("AFTER_EVENTS_WRITTEN", "-", "BEFORE_EVENTS_WRITTEN");

  private static final String TABLES =
      """
      create table debits (id int primary key, n bigint, text text default repeat('x', 200));
      create table credits (id int primary key, n bigint, text text default repeat('x', 200));
      insert into debits select i, 1000 from generate_series(1, 200) i;
      insert into credits select i, 1000 from generate_series(1, 200) i;
      create publication pub for all tables;
      """;

  private static final String TRANSFER =
      """
      begin;
      update %1$s set n = n - 1 where id <= %3$d;
      update %2$s set n = n + 1 where id <= %3$d;
      commit;
      """;

  /** A new version and a truncation in the middle of a transaction. */
  private static final String REWRITE =
      """
      begin;
      update credits set n = n - 1 where id <= 100;
      create temporary table kept on commit drop as select * from debits;
      alter table debits add column added_%1$d int;
      truncate debits;
      insert into debits select * from kept;
      update debits set n = n + 1 where id <= 100;
      commit;
      """;

  private final SplittableRandom random = new SplittableRandom(SEED.value());
  private final TestDatabase source = TestPostgres.shared().createDatabase();
  private final TestDatabase target = TestPostgres.shared().createDatabase();

  @AfterEach
  void drop() {
    source.close();
    target.close();
  }

  private void transfer(int rows) {
    boolean there = random.nextBoolean();
    source.execute(
        TRANSFER.formatted(there ? "debits" : "credits", there ? "credits" : "debits", rows));
  }

  private void transferSome(int round) {
    for (int i = random.nextInt(1, 8); i > 0; i--) {
      transfer(random.nextInt(4) == 0 ? random.nextInt(1, 200) : random.nextInt(1, 5));
    }
    if (round % 4 == 3) {
      source.execute(REWRITE.formatted(round));
    }
  }

  @Test
  void readersFindNoPartOfATransaction() throws IOException, InterruptedException {
    System.out.printf("Whole transactions: %s%n", SEED);
    source.execute(TABLES);
    try (Processes processes = new Processes(source, target, 64 << 20)) {
      processes.finish(processes.start("-", 0));
      SumReader reader = new SumReader(target);
      try (reader) {
        int round = 0;
        for (int kills = 0; kills < KILLS; kills++) {
          String failpoint = FAILPOINTS.get(kills % FAILPOINTS.size());
          Process process = processes.start(failpoint, random.nextInt(1, 8));
          for (int i = 0; i < 5 && process.isAlive(); i++) {
            transferSome(round++);
            if (failpoint.equals("-")) {
              processes.killSessions();
            }
          }
          process.destroyForcibly().waitFor();
        }
        processes.finish(processes.start("-", 0));
      }
      assertThat(reader.reads()).isPositive();
      assertThat(reader.sums()).containsExactly(SUM);
    }
    for (String table : List.of("debits", "credits")) {
      String rows = "select t::text from " + table + " t order by 1";
      assertThat(target.query(rows)).as(table).isEqualTo(source.query(rows));
    }
  }

  /** Without the option, and of transactions that are larger than it allows. */
  @ParameterizedTest
  @ValueSource(longs = {0, 20_000})
  void readersFindPartsOfLargerOnes(long maxTransactionBytes)
      throws IOException, InterruptedException {
    source.execute(TABLES);
    try (Processes processes = new Processes(source, target, maxTransactionBytes)) {
      processes.finish(processes.start("-", 0));
      Process process = processes.start("-", 0);
      try (SumReader reader = new SumReader(target)) {
        await("a part is found").atMost(PATIENCE).until(() -> transferred(reader));
        assertThat(process.isAlive()).isTrue();
      }
      processes.finish(process);
    }
  }

  private boolean transferred(SumReader reader) {
    transfer(200);
    return reader.sums().size() > 1;
  }
}
