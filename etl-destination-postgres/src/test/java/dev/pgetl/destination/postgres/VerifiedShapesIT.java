package dev.pgetl.destination.postgres;

import static dev.pgetl.destination.postgres.VerifiedReplica.differences;
import static dev.pgetl.destination.postgres.VerifiedReplica.repair;
import static dev.pgetl.destination.postgres.VerifiedReplica.verify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.Verification;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.verify.TableReport;
import dev.pgetl.verify.TableReport.Outcome;
import dev.pgetl.verify.VerificationProgress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, columns and rows of every kind, and tables that differ in type. */
@ExtendWith(PostgresExtension.class)
class VerifiedShapesIT {
  /** One tenant has more rows than are listed at once. */
  private static final String SKEWED =
      """
      create table events (tenant int, name text, v text, primary key (tenant, name));
      insert into events select i / 70000, 'e"\\,''%s é' || i, null from generate_series(0, 79999) i;
      create publication pub for all tables;
      """;

  private static void assertEqual(TableReport report, long rows) {
    assertThat(report.outcome()).as("%s", report).isEqualTo(Outcome.EQUAL);
    assertThat(report.rows()).isEqualTo(rows);
  }

  @Test
  void aRangeWithManyRowsIsSplit() throws InterruptedException {
    try (Replica replica = new Replica(SKEWED).start()) {
      assertEqual(verify(replica.awaitReady(), "events"), 80_000);
      replica.target.execute("update events set v = '' where name like '%é123'");
      replica.target.execute("delete from events where name like '%é79999'");
      TableReport report = verify(replica, "events");
      assertThat(differences(report))
          .containsExactly("MISSING 1|e\"\\,'%s é79999", "VALUE 0|e\"\\,'%s é123");
      assertThat(repair(replica, report)).isTrue();
      assertEqual(verify(replica, "events"), 80_000);
    }
  }

  @Test
  void aTextKeyIsComparedAsAWhole() throws InterruptedException {
    String sql =
        """
        create table names (name text primary key, n int);
        insert into names select 'name ' || i, i from generate_series(1, 500) i;
        create publication pub for all tables;
        """;
    try (Replica replica = new Replica(sql).start()) {
      assertEqual(verify(replica.awaitReady(), "names"), 500);
      replica.target.execute("update names set n = -1 where n = 77");
      TableReport report = verify(replica, "names");
      assertThat(differences(report)).containsExactly("VALUE name 77");
      assertThat(repair(replica, report)).isTrue();
      assertEqual(verify(replica, "names"), 500);
    }
  }

  @Test
  void onlyPublishedColumnsAndRowsCount() throws InterruptedException {
    String sql =
        """
        create table parts (id int primary key, a int, secret text, g int generated always as (a * 2) stored);
        insert into parts select i, i, 's' from generate_series(1, 100) i;
        create publication pub for table parts (id, a) where (id <= 50);
        """;
    try (Replica replica = new Replica(sql).start()) {
      assertEqual(verify(replica.awaitReady(), "parts"), 50);
      replica.target.execute("insert into parts values (60, 1)");
      assertThat(differences(verify(replica, "parts"))).containsExactly("EXTRA 60");
    }
  }

  @Test
  void aPartitionedTableIsOne() throws InterruptedException {
    String sql =
        """
        create table logs (id int primary key, a int) partition by range (id);
        create table logs_1 partition of logs for values from (0) to (100);
        create table logs_2 partition of logs for values from (100) to (200);
        insert into logs select i, i from generate_series(1, 150) i;
        create publication pub for table logs with (publish_via_partition_root = true);
        """;
    try (Replica replica = new Replica(sql).start()) {
      assertEqual(verify(replica.awaitReady(), "logs"), 150);
      replica.target.execute("delete from logs where id in (3, 149)");
      assertThat(differences(verify(replica, "logs"))).containsExactly("MISSING 149", "MISSING 3");
    }
  }

  @Test
  void otherTypesOfTheDestinationReadTheSame() throws InterruptedException {
    String sql =
        """
        create table mixed (id int primary key, n numeric, j json, c char(5), b boolean, i inet);
        insert into mixed values (1, 1.5, '{"b": 1,  "a":2}', 'ab', true, '10.0.0.1');
        insert into mixed values (2, null, null, null, null, null);
        create publication pub for all tables;
        """;
    try (Replica replica = new Replica(sql)) {
      replica.target.execute(
          "create table mixed (id bigint primary key, n numeric(12,2), j jsonb, c text, b text,"
              + " i text)");
      assertEqual(verify(replica.start().awaitReady(), "mixed"), 2);
      replica.target.execute("update mixed set b = '' where id = 2");
      assertThat(differences(verify(replica, "mixed"))).containsExactly("VALUE 2");
    }
  }

  @Test
  void aNewColumnIsComparedAfterTheNextEvent() throws InterruptedException {
    String sql = "create table t (id int primary key); create publication pub for all tables";
    try (Replica replica = new Replica(sql).start()) {
      replica.awaitReady();
      replica.source.execute("alter table t add a int");
      assertThatThrownBy(() -> verify(replica, "t")).hasMessageContaining("lacks column a");
      replica.source.execute("insert into t values (1, 2)");
      assertEqual(verify(replica.awaitApplied(), "t"), 1);
    }
  }

  @Test
  void showsItsProgressAndEndsWhenItIsClosed() throws InterruptedException {
    try (Replica replica = new Replica(SKEWED).start()) {
      replica.awaitReady();
      CountDownLatch begun = new CountDownLatch(1);
      List<VerificationProgress> progress = new CopyOnWriteArrayList<>();
      Verification verification =
          VerifiedReplica.builder(replica)
              .rowsPerSecond(100)
              .progress(
                  each -> {
                    progress.add(each);
                    begun.countDown();
                  })
              .build();
      CompletableFuture<Void> run =
          CompletableFuture.runAsync(
              () -> {
                try {
                  var unused = verification.run();
                } catch (InterruptedException | EtlException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(progress.get(0).table().name()).isEqualTo("events");
      verification.close();
      assertThat(run).failsWithin(10, TimeUnit.SECONDS);
      assertThatThrownBy(verification::run).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void namesATableThatIsNotThere() throws InterruptedException {
    String sql = "create table t (id int primary key); create publication pub for all tables";
    try (Replica replica = new Replica(sql).start()) {
      replica.awaitReady();
      assertThatThrownBy(() -> verify(replica, "other")).hasMessageContaining("not in publication");
      try (Verification verification =
          Verification.builder(
                  "replica",
                  "pub",
                  replica.source.connectionConfig(),
                  PostgresDestination.builder(replica.target.connectionConfig(), "another")
                      .buildVerifiable())
              .build()) {
        assertThatThrownBy(() -> verification.run(new TableName("public", "t")))
            .hasMessageContaining("pipeline another has not written");
      }
    }
  }

  /** They are in no range of keys, and their text is none of the type. */
  @ParameterizedTest
  @ValueSource(ints = {10, 100_000})
  void rowsWithoutAKeyInTheDestinationAreExtra(int rows) throws InterruptedException {
    String sql =
        """
        create table t (id bigint primary key, a int);
        insert into t select i, i from generate_series(1, %d) i;
        create publication pub for all tables;
        """;
    try (Replica replica = new Replica(sql.formatted(rows))) {
      replica.target.execute("create table t (id bigint, a int); create index on t (id)");
      replica.start().awaitReady();
      replica.target.execute("insert into t values (null, 7)");
      TableReport report = verify(replica, "t", builder -> builder.rowsPerSecond(20_000));
      assertThat(differences(report)).containsExactly("EXTRA ");
      assertThat(repair(replica, report)).isTrue();
      assertEqual(verify(replica, "t"), rows);
    }
  }

  @Test
  void connectsAgainAfterAFailure() throws InterruptedException {
    String sql = "create table t (id int primary key); create publication pub for all tables";
    try (Replica replica = new Replica(sql).start()) {
      replica.awaitReady();
      try (Verification verification = VerifiedReplica.builder(replica).build()) {
        TableName name = new TableName("public", "t");
        assertEqual(verification.run(name), 0);
        replica.source.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
                + " where application_name like '%/verify'");
        assertThatThrownBy(() -> verification.run(name)).isInstanceOf(EtlException.class);
        assertEqual(verification.run(name), 0);
      }
    }
  }
}
