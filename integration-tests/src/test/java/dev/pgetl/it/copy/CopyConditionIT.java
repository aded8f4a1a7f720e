package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.it.LogRecorder;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Only some rows of a table are copied; the stream has every change of it. */
class CopyConditionIT {
  private static final TableName T = new TableName("public", "t");
  private static final String ODD = "kind = 1";

  private static final String TABLES =
      """
      create table t(id bigint primary key, kind int not null, note text);
      create table other(id bigint primary key);
      insert into t select g, g % 2, 'note ' || g from generate_series(1, 100) g;
      insert into other values (1);
      create function reads_other(bigint) returns boolean stable language plpgsql
        as 'begin return exists (select from other where id = $1); end' set search_path = public;
      create publication pub for table t, other;
      """;

  private static Scenario with(String sql, TableCopyConfig copy) {
    return Scenario.with(sql).options(options -> options.tableCopy(copy));
  }

  private static List<Long> copied(RecordingDestination destination) {
    return destination.copiedRows("t").stream().map(row -> row.getLong(0)).sorted().toList();
  }

  private static long rows(RecordingDestination destination) {
    return destination.calls(Operation.ROWS).stream()
        .filter(call -> call.concerns("t"))
        .mapToLong(call -> call.rows().size())
        .sum();
  }

  private static List<Long> ids(Scenario scenario, String where) {
    return scenario.source().query("select id from t where " + where + " order by id").stream()
        .map(row -> Long.valueOf(String.valueOf(row.get(0))))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(ReadBy.class)
  void onlyRowsForWhichItIsTrueAreCopiedAndEveryChangeIsStreamed(ReadBy order)
      throws InterruptedException {
    String condition = "kind = 1 and t.id <> 7 -- or all";
    try (Scenario scenario = with(TABLES, TableCopyConfig.all().readBy(order).rows(T, condition))) {
      scenario.start().awaitReady();
      assertThat(copied(scenario.destination())).isEqualTo(ids(scenario, "kind = 1 and id <> 7"));

      scenario.source().execute("update t set note = 'x' where id = 2; delete from t where id = 4");
      scenario.awaitApplied();

      assertThat(scenario.changes("t", Event.Update.class)).hasSize(1);
      assertThat(scenario.changes("t", Event.Delete.class)).hasSize(1);
      assertThat(scenario.destination().copiedRows("other")).hasSize(1);
    }
  }

  private static final String PARTITIONED =
      """
      create table t(id bigint primary key, kind int not null) partition by range (id);
      create table t_1 partition of t for values from (0) to (50);
      create table t_2 (kind int not null, gone text, id bigint primary key);
      alter table t_2 drop column gone;
      alter table t attach partition t_2 for values from (50) to (1000);
      insert into t select g, g % 2 from generate_series(1, 100) g;
      """;

  /** Partitions have their columns in another order; they go by the name of the root. */
  @Test
  void throughTheRootItIsAboutTheRoot() throws InterruptedException {
    String sql =
        PARTITIONED + "create publication pub for table t with (publish_via_partition_root = true)";
    try (Scenario scenario = with(sql, TableCopyConfig.all().rows(T, "t.kind = 1"))) {
      scenario.start().awaitReady();
      assertThat(copied(scenario.destination())).isEqualTo(ids(scenario, ODD));
    }
  }

  @Test
  void byLeafItIsAboutTheLeaf() throws InterruptedException {
    String sql = PARTITIONED + "create publication pub for table t";
    TableName leaf = new TableName("public", "t_2");
    try (Scenario scenario = with(sql, TableCopyConfig.all().rows(leaf, ODD))) {
      scenario.start().awaitReady();
      assertThat(scenario.destination().copiedRows("t_1")).hasSize(49);
      assertThat(scenario.destination().copiedRows("t_2")).hasSize(25);
    }
  }

  /** Neither takes a part of the other with its operators. */
  @Test
  void theRowFilterCountsAsWell() throws InterruptedException {
    assumeTrue(TestPostgres.shared().majorVersion() >= 15, "row filters need 15");
    String sql = TABLES + "alter publication pub set table t where (id < 21 or id > 80), other";
    try (Scenario scenario = with(sql, TableCopyConfig.all().rows(T, "kind = 1 or kind = 3"))) {
      scenario.start().awaitReady();
      assertThat(copied(scenario.destination()))
          .isEqualTo(ids(scenario, "kind = 1 and (id < 21 or id > 80)"));
    }
  }

  // ---- further copies ----

  @Test
  void everyCopyHasIt() throws InterruptedException {
    try (Scenario scenario = with(TABLES, TableCopyConfig.all().rows(T, ODD))) {
      scenario.start().awaitReady();
      RecordingDestination destination = scenario.destination();
      scenario
          .source()
          .execute("update t set kind = 3 where id = 11; insert into t values (-1, 0)");
      scenario.awaitApplied();
      long before = rows(destination);

      scenario.pipeline().resync(scenario.tableId("t"), new KeyRange("id", "1", "21"));
      scenario.awaitReady().awaitApplied();

      assertThat(rows(destination) - before).isEqualTo(9);
      assertThat(destination.truncations("t")).isEqualTo(1);

      scenario.pipeline().resync(scenario.tableId("t"));
      scenario.awaitReady().awaitApplied();

      assertThat(destination.truncations("t")).isEqualTo(2);
      assertThat(rows(destination) - before).isEqualTo(9 + 49);
      assertThat(destination.materialise("t")).hasSize(49);
    }
  }

  @Test
  void rangesCopiedUnderTheSameConditionCount() throws InterruptedException {
    assertContinued(ODD, "continuing the copy of table public.t", 1);
  }

  @Test
  void rangesCopiedUnderAnotherConditionDoNotCount() throws InterruptedException {
    assertContinued("kind = 0", "the condition on its rows, was changed", 2);
  }

  private static void assertContinued(String condition, String line, int truncations)
      throws InterruptedException {
    String sql = TABLES + "insert into t select g, g % 2 from generate_series(101, 5000) g;";
    try (Scenario scenario = Scenario.with(sql)) {
      interrupt(scenario);
      scenario.options(
          options -> byKey(options.tableErrorRetryDelay(Duration.ofMillis(50)), condition));
      scenario.destination().repair();
      try (LogRecorder log = LogRecorder.started()) {
        scenario.start().awaitReady().awaitApplied();
        assertThat(log.lines(line)).hasSize(1);
      }
      assertThat(scenario.destination().truncations("t")).isEqualTo(truncations);
      assertThat(scenario.destination().materialise("t"))
          .extracting(row -> row.getLong(0))
          .containsExactlyInAnyOrderElementsOf(ids(scenario, condition));
    }
  }

  /** Some ranges are finished, others are not. */
  private static void interrupt(Scenario scenario) throws InterruptedException {
    scenario.destination().on(Operation.ROWS).of("t").times(20).accept();
    scenario.destination().on(Operation.ROWS).of("t").reject(ErrorKind.DESTINATION_UNAVAILABLE);
    scenario.options(options -> byKey(options.tableErrorRetryDelay(Duration.ofHours(1)), ODD));
    scenario.start();
    scenario.destination().awaitAttempts(Operation.ROWS, 21);
    scenario.stop();
  }

  private static PipelineConfig.Builder byKey(PipelineConfig.Builder options, String condition) {
    return options
        .tableCopy(TableCopyConfig.all().readBy(ReadBy.KEY).rows(T, condition))
        .maxTableSyncWorkers(1)
        .batch(BatchConfig.builder().maxSize(20).build());
  }

  /** A group reads whole tables. */
  @Test
  void smallTablesWithOneAreCopiedAlone() throws InterruptedException {
    String sql =
        IntStream.range(0, 20)
            .mapToObj(
                "create table s%1$d(id int primary key); insert into s%1$d values (1), (2);"
                    ::formatted)
            .collect(Collectors.joining("\n", "", "create publication pub for all tables"));
    TableName one = new TableName("public", "s3");
    try (Scenario scenario = with(sql, TableCopyConfig.all().rows(one, "id > 1"))) {
      scenario.start().awaitReady();
      assertThat(scenario.destination().copiedRows("s3")).hasSize(1);
      assertThat(scenario.destination().copiedRows("s4")).hasSize(2);
    }
  }

  // ---- what is refused ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          knd = 1                               | column "knd" does not exist
          kind = 1); delete from t; select (1   | closes a parenthesis
          id in (select id from public.other)   | it reads table public.other
          """)
  void whatIsNoConditionFailsTheStart(String condition, String why) {
    try (Scenario scenario = with(TABLES, TableCopyConfig.all().rows(T, condition))) {
      EtlException refused = catchThrowableOfType(EtlException.class, scenario::start);
      assertThat(refused.kind()).isEqualTo(ErrorKind.CONFIGURATION);
      assertThat(refused.summary()).contains("table public.t ").contains(why);
      assertThat(refused.fix()).contains("Correct the condition in tableCopy");
      assertThat(scenario.destination().calls(Operation.TRUNCATE)).isEmpty();
      assertThat(scenario.source().slots()).isEmpty();
      assertThat(scenario.store().getTableReplicationStates()).isEmpty();
      assertThat(scenario.source().value("select count(*) from t")).isEqualTo("100");
    }
  }

  @Test
  void allThatAreRefusedAreNamedAtOnce() {
    TableName other = new TableName("public", "other");
    TableCopyConfig copy = TableCopyConfig.all().rows(T, "a > 1").rows(other, "b > 1");
    try (Scenario scenario = with(TABLES, copy)) {
      EtlException refused = catchThrowableOfType(EtlException.class, scenario::start);
      assertThat(refused.summary()).contains("table public.t ").contains("table public.other ");
    }
  }

  @Test
  void aTableThatIsNotPublishedFailsTheStart() {
    TableName absent = new TableName("public", "absent");
    try (Scenario scenario = with(TABLES, TableCopyConfig.all().rows(absent, "true"))) {
      EtlException refused = catchThrowableOfType(EtlException.class, scenario::start);
      assertThat(refused.kind()).isEqualTo(ErrorKind.CONFIGURATION);
      assertThat(refused.summary()).contains("not published are public.absent");
    }
  }

  @Test
  void aTableThatIsPublishedLaterFailsWithTheSameMessage() throws InterruptedException {
    TableCopyConfig copy = TableCopyConfig.all().rows(T, "knd = 1").notPublishedYet(Set.of(T));
    try (Scenario scenario =
        Scenario.with(TABLES + "alter publication pub drop table t")
            .options(
                options ->
                    options.tableCopy(copy).publicationRefreshInterval(Duration.ofMillis(100)))) {
      scenario.start().awaitReady();
      scenario.source().execute("alter publication pub add table t");
      scenario.awaitPhase("t", Errored.class);
      Errored errored = (Errored) scenario.phase("t");
      assertThat(scenario.destination().truncations("t")).isZero();
      try (Scenario at = with(TABLES, copy)) {
        EtlException refused = catchThrowableOfType(EtlException.class, at::start);
        assertThat(errored.reason()).isEqualTo(refused.summary());
        assertThat(errored.solution()).isEqualTo(refused.fix());
        assertThat(errored.kind()).isEqualTo(ErrorKind.CONFIGURATION);
      }
    }
  }

  /** What is there stays, and a resync helps once the cause is gone. */
  @Test
  void aTableThatWasAlteredFailsBeforeItIsTruncated() throws InterruptedException {
    try (Scenario scenario = with(TABLES, TableCopyConfig.all().rows(T, ODD))) {
      scenario.start().awaitReady();
      scenario.source().execute("alter table t rename kind to sort");
      scenario.pipeline().resync(scenario.tableId("t"));
      scenario.awaitPhase("t", Errored.class);
      assertThat(((Errored) scenario.phase("t")).reason()).contains("\"kind\" does not exist");
      assertThat(scenario.destination().truncations("t")).isEqualTo(1);

      scenario.source().execute("alter table t rename sort to kind");
      scenario.pipeline().resync(scenario.tableId("t"));
      scenario.awaitReady();
      assertThat(scenario.destination().truncations("t")).isEqualTo(2);
    }
  }

  /** Only running it shows which tables a function reads. */
  @Test
  void aFunctionThatReadsAnotherTableIsNoEndlessRetry() {
    try (Scenario scenario =
        with(TABLES, TableCopyConfig.all().rows(T, "public.reads_other(id)"))) {
      scenario.start();
      scenario.awaitPhase("t", Errored.class);
      assertThat(((Errored) scenario.phase("t")).reason()).contains("it reads table public.other");
    }
  }

  @Test
  void aTableThatIsLockedAtTheStartIsCheckedWhenItIsCopied()
      throws InterruptedException, SQLException {
    try (Scenario scenario = with(TABLES, TableCopyConfig.all().rows(T, ODD))) {
      scenario.start().awaitReady().stop();
      scenario.options(options -> options.tableCopy(TableCopyConfig.all().rows(T, "knd = 1")));
      try (Connection migration = scenario.source().connect();
          Statement sql = migration.createStatement()) {
        migration.setAutoCommit(false);
        sql.execute("lock table t in access exclusive mode");
        scenario.start();
        migration.rollback();
      }
      scenario.pipeline().resync(scenario.tableId("t"));
      scenario.awaitPhase("t", Errored.class);
      assertThat(scenario.destination().truncations("t")).isEqualTo(1);
    }
  }
}
