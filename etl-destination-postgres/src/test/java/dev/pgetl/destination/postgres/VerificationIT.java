package dev.pgetl.destination.postgres;

import static dev.pgetl.destination.postgres.VerifiedReplica.differences;
import static dev.pgetl.destination.postgres.VerifiedReplica.repair;
import static dev.pgetl.destination.postgres.VerifiedReplica.verify;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Verification;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.verify.TableReport;
import dev.pgetl.verify.TableReport.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tables of each kind, with and without differences, while nothing writes. */
@ExtendWith(PostgresExtension.class)
class VerificationIT {
  private static final TableName ORDERS_TABLE = new TableName("public", "orders");

  private static final String ORDERS =
      """
      create table orders (id bigint primary key, a int, b text, n numeric(12,2), at timestamptz);
      insert into orders select i, i % 100, 'text ' || i, i * 1.37, now() from generate_series(1, 3000) i;
      create publication pub for all tables;
      """;

  /** One of each kind. */
  private static final String CORRUPTIONS =
      """
      alter table orders drop constraint orders_pkey;
      create index on orders (id);
      update orders set b = b || 'x' where id = 7;
      update orders set a = null where id = 2999;
      delete from orders where id = 1500;
      insert into orders values (-5, 1, 'extra', 1, now());
      insert into orders select * from orders where id = 400;
      """;

  @Test
  void valuesOfEveryTypeAreEqual() throws InterruptedException {
    try (Replica replica = new Replica(ReplicaIT.TYPES).start()) {
      TableReport report = verify(replica.awaitReady(), "types");
      assertThat(report.outcome()).as("%s", report).isEqualTo(Outcome.EQUAL);
      assertThat(report.rows()).isEqualTo(2);
      replica.target.execute("update types set p3 = '(1,\"a \"\"c\")' where b");
      assertThat(differences(verify(replica, "types")))
          .containsExactly("VALUE 00000000-0000-0000-0000-000000000001");
    }
  }

  @Test
  void findsEveryKindAndRepairsIt() throws InterruptedException {
    try (Replica replica = new Replica(ORDERS).start()) {
      TableReport clean = verify(replica.awaitReady(), "orders");
      assertThat(clean.outcome()).as("%s", clean).isEqualTo(Outcome.EQUAL);
      assertThat(clean.rows()).isEqualTo(3000);
      replica.target.execute(CORRUPTIONS);
      TableReport report =
          verify(
              replica, "orders", builder -> builder.rowsPerSecond(3000).rows(ORDERS_TABLE, "true"));
      assertThat(differences(report))
          .containsExactly("DOUBLED 400", "EXTRA -5", "MISSING 1500", "VALUE 2999", "VALUE 7");
      assertThat(report.undecided()).isEmpty();
      assertThat(report.rows()).isEqualTo(2996);
      assertThat(repair(replica, report)).isTrue();
      TableReport repaired = verify(replica, "orders");
      assertThat(repaired.outcome()).as("%s", repaired).isEqualTo(Outcome.EQUAL);
      replica.assertEqual("orders");
    }
  }

  @Test
  void rowsWithoutAKeyAreAMultiset() throws InterruptedException {
    String sql =
        """
        create table bag (n numeric, t text);
        alter table bag replica identity full;
        insert into bag select i % 10, null from generate_series(1, 100) i;
        create publication pub for all tables;
        """;
    try (Replica replica = new Replica(sql).start()) {
      assertThat(verify(replica.awaitReady(), "bag").outcome()).isEqualTo(Outcome.EQUAL);
      replica.target.execute(
          """
          delete from bag where ctid = (select min(ctid) from bag where n = 1);
          insert into bag values (2, null), (77, '');
          """);
      TableReport report = verify(replica, "bag");
      assertThat(report.differences())
          .extracting(row -> row.kind().name())
          .containsExactlyInAnyOrder("MISSING", "DOUBLED", "EXTRA");
      assertThat(report.needsWholeCopy()).isTrue();
      assertThat(repair(replica, report)).isTrue();
      assertThat(verify(replica, "bag").outcome()).isEqualTo(Outcome.EQUAL);
    }
  }

  @Test
  void differencesOfAPipelineThatIsStoppedAreUndecided() throws InterruptedException {
    try (Replica replica = new Replica(ORDERS).start()) {
      replica.awaitReady().stop();
      replica.source.execute("update orders set a = -1 where id in (3, 4)");
      replica.target.execute("delete from orders where id = 9");
      TableReport report;
      try (Verification verification =
          VerifiedReplica.builder(replica).patience(Duration.ofMillis(300)).build()) {
        report = verification.run(ORDERS_TABLE);
      }
      assertThat(report.outcome()).isEqualTo(Outcome.UNDECIDED);
      assertThat(VerifiedReplica.texts(report.undecided().stream()))
          .containsExactly("MISSING 9", "VALUE 3", "VALUE 4");
      assertThat(report.rows()).isEqualTo(2997);
      replica.start().awaitReady();
      assertThat(differences(verify(replica, "orders"))).containsExactly("MISSING 9");
    }
  }
}
