package dev.pgetl.destination.postgres;

import static dev.pgetl.destination.postgres.VerifiedReplica.verify;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Verification;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.verify.TableReport;
import dev.pgetl.verify.TableReport.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How long a comparison takes without load, and what a throttled one costs while a backlog drains.
 * Larger: {@code -Dverify.rows=10000000 -Dverify.pairs=11 -Dverify.backlog=500000
 * -Dverify.limit=20000}.
 */
@ExtendWith(PostgresExtension.class)
class VerificationSpeedIT {
  private static final int ROWS = Integer.getInteger("verify.rows", 100_000);
  private static final int PAIRS = Integer.getInteger("verify.pairs", 1);
  private static final int BACKLOG = Integer.getInteger("verify.backlog", 20_000);
  private static final int LIMIT = Integer.getInteger("verify.limit", 20_000);

  private static final String ORDERS =
      """
      create table orders (id bigint primary key, a int, b text, n numeric(12,2), at timestamptz);
      insert into orders select i, i %% 100, 'text ' || i, i * 1.37, now() from generate_series(1, %d) i;
      create publication pub for all tables;
      """
          .formatted(ROWS);

  @Test
  void isFastAloneAndCheapWithALimit() throws InterruptedException {
    try (Replica replica = new Replica(ORDERS).start()) {
      while (!replica.pipeline().awaitReady(Duration.ofMinutes(1))) {
        System.out.println("copying");
      }
      replica.source.execute("analyze orders");
      replica.target.execute("analyze orders");
      alone(replica);
      List<Double> ratios = new ArrayList<>();
      for (int pair = 0; pair < PAIRS; pair++) {
        double without = drain(replica, false);
        double with = drain(replica, true);
        ratios.add(without / with);
        System.out.printf("drain %.2f s, verified %.2f s%n", without, with);
      }
      ratios.sort(null);
      System.out.printf("rate with / without, median %.3f%n", ratios.get(ratios.size() / 2));
    }
  }

  private static void alone(Replica replica) throws InterruptedException {
    long begun = System.nanoTime();
    TableReport report = verify(replica, "orders");
    System.out.printf("%.1f s: %s%n", seconds(begun), report);
    assertThat(report.outcome()).isEqualTo(Outcome.EQUAL);
    assertThat(report.rows()).isEqualTo(ROWS);
  }

  /** Updates that were made while the pipeline was stopped. */
  private static double drain(Replica replica, boolean verified) throws InterruptedException {
    replica.stop();
    replica.source.execute(
        "update orders set a = a + 1 where id <= %d".formatted(Math.min(BACKLOG, ROWS)));
    long begun = System.nanoTime();
    replica.start();
    try (Verification verification =
        VerifiedReplica.builder(replica)
            .pipeline(replica.pipeline())
            .rowsPerSecond(LIMIT)
            .build()) {
      Thread thread = new Thread(() -> repeat(verification), "verification");
      if (verified) {
        thread.start();
      }
      replica.awaitApplied();
      double seconds = seconds(begun);
      verification.close();
      thread.join();
      return seconds;
    }
  }

  private static void repeat(Verification verification) {
    try {
      while (true) {
        TableReport report = verification.run(new TableName("public", "orders"));
        assertThat(report.differences()).isEmpty();
      }
    } catch (InterruptedException | dev.pgetl.error.EtlException closed) {
      // It was closed.
    }
  }

  private static double seconds(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }
}
