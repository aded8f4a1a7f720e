package dev.pgetl.destination.postgres;

import static dev.pgetl.destination.postgres.VerifiedReplica.differences;
import static dev.pgetl.destination.postgres.VerifiedReplica.repair;
import static dev.pgetl.destination.postgres.VerifiedReplica.verify;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.verify.TableReport;
import dev.pgetl.verify.TableReport.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Differences that were planted are found, and no others, while a writer changes the table. Larger:
 * {@code -Dverify.rows=1000000 -Dverify.clean=50 -Dverify.rate=2000 -Dverify.planted=200
 * -Dverify.seed=…}.
 */
@ExtendWith(PostgresExtension.class)
class VerificationUnderWritesIT {
  @RegisterExtension private static final Seed SEED = Seed.of("verify");
  private static final int ROWS = Integer.getInteger("verify.rows", 30_000);
  private static final int CLEAN_RUNS = Integer.getInteger("verify.clean", 2);
  private static final int RATE = Integer.getInteger("verify.rate", 2_000);
  private static final int PLANTED = Integer.getInteger("verify.planted", 200);

  private static final String ORDERS =
      """
      create table orders (id bigint primary key, a int, b text, n numeric(12,2), at timestamptz);
      insert into orders select i, i %% 100, 'text ' || i, i * 1.37, now() from generate_series(1, %d) i;
      create publication pub for all tables;
      """
          .formatted(ROWS);

  private static Replica replica() throws InterruptedException {
    System.out.printf("VerificationUnderWrites: %s%n", SEED);
    Replica replica = new Replica(ORDERS).start().awaitReady();
    replica.source.execute("analyze orders");
    replica.target.execute("analyze orders");
    return replica;
  }

  @Test
  void aDestinationThatIsEqualIsNeverReportedAsDifferent() throws InterruptedException {
    try (Replica replica = replica();
        OrderWriter writer = new OrderWriter(replica.source, ROWS, RATE, SEED.value())) {
      for (int run = 1; run <= CLEAN_RUNS; run++) {
        TableReport report = verify(replica, "orders");
        System.out.printf("clean run %d, %d rows written: %s%n", run, writer.written(), report);
        assertThat(differences(report)).isEmpty();
        assertThat(report.undecided()).hasSizeLessThan(ROWS / 100);
      }
    }
  }

  @Test
  void plantedDifferencesAreFoundAndRepaired() throws InterruptedException {
    try (Replica replica = replica();
        OrderWriter writer = new OrderWriter(replica.source, ROWS, RATE, SEED.value())) {
      List<String> planted = plant(replica);
      TableReport report = verify(replica, "orders");
      System.out.printf("planted %d, %d rows written: %s%n", PLANTED, writer.written(), report);
      assertThat(stable(differences(report))).isEqualTo(planted);
      assertThat(repair(replica, report)).isTrue();
      writer.close();
      TableReport repaired = verify(replica.awaitApplied(), "orders");
      assertThat(repaired.outcome()).as("%s", repaired).isEqualTo(Outcome.EQUAL);
      replica.assertEqual("orders");
    }
  }

  /** The destination of a key that the writer does not touch differs in one of five ways. */
  private static List<String> plant(Replica replica) throws InterruptedException {
    replica.source.execute("update orders set b = 'newer' where id % 50 = 40");
    replica.awaitApplied();
    replica.target.execute(
        "alter table orders drop constraint orders_pkey; create index on orders (id)");
    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= PLANTED; i++) {
      long id = (long) ROWS / PLANTED / 10 * 10 * i - i % 5 * 10L;
      replica.target.execute(corruption(i, id, expected));
    }
    plantWhereItHeals(replica);
    Collections.sort(expected);
    return expected;
  }

  private static String corruption(int number, long id, List<String> expected) {
    return switch (number % 5) {
      case 0 -> {
        expected.add("VALUE " + id);
        yield "update orders set n = n + 0.01 where id = " + id;
      }
      case 1 -> {
        expected.add("MISSING " + id);
        yield "delete from orders where id = " + id;
      }
      case 2 -> {
        expected.add("EXTRA -" + id);
        yield "insert into orders values (-" + id + ", 1, 'extra', 1, now())";
      }
      case 3 -> {
        expected.add("DOUBLED " + id);
        yield "insert into orders select * from orders where id = " + id;
      }
      default -> {
        expected.add("VALUE " + id);
        yield "update orders set b = 'older' where id = " + id;
      }
    };
  }

  /** The writer changes these keys all the time; so these differences pass. */
  private static void plantWhereItHeals(Replica replica) {
    replica.target.execute("update orders set a = -7 where id between 1 and 9");
  }

  /** What is found of keys that the writer changes may still have differed when it was read. */
  private static List<String> stable(List<String> found) {
    return found.stream().filter(row -> row.endsWith("0")).toList();
  }
}
