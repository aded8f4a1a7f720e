package dev.pgetl.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sources in which nothing is wrong have nothing but remarks, and large ones are soon examined. */
class HealthySourcesIT extends PatientScene {
  private static final Logger LOG = LoggerFactory.getLogger(HealthySourcesIT.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String MANY =
      """
      do $$ begin for i in 1 .. 1000 loop
        execute format('create table t%s(id int primary key, a text, b int)', i);
        execute format('alter publication pub add table t%s', i);
        if i % 100 = 0 then commit; end if;
      end loop; end $$;
      """;

  private static void assertHealthy(List<Finding> found) {
    assertThat(found).allMatch(finding -> finding.severity() == Severity.INFO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select",
        "alter table users add bio text, add doc jsonb; alter table users replica identity full",
        "create unique index i on users(age); alter table users alter age set not null;"
            + " alter table users replica identity using index i",
        "create table root(id int primary key, v int) partition by range (id);"
            + " create table low partition of root for values from (0) to (10);"
            + " create table high partition of root for values from (10) to (20);"
            + " alter publication pub add table root; alter publication pub set (publish_via_partition_root = true)",
        "create table root(id int primary key, v int) partition by range (id);"
            + " create table low partition of root for values from (0) to (10);"
            + " alter publication pub add table root",
        "drop publication pub; create publication pub for all tables",
        "drop table users; drop publication pub; create publication pub for all tables",
        "create table log(at timestamptz, line text); create publication other for table log"
            + " with (publish = 'insert')",
        "alter table users add twice int generated always as (age * 2) stored",
        "create unlogged table scratch(id int); create table odd(\"a b\" int primary key);"
            + " alter publication pub add table odd"
      })
  void hasRemarksAtMost(String sql) {
    database.execute(sql);
    assertHealthy(Patient.diagnose(database));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table pair(a int, b int, v int, primary key (a, b));"
            + " alter publication pub add table pair (a, b) where (b > 3)",
        "drop publication pub; create publication pub for tables in schema public"
      })
  void hasRemarksAtMostFrom15On(String sql) {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    database.execute(sql);
    assertHealthy(Patient.diagnose(database));
  }

  @Test
  void aPipelineIsHealthyFromItsStartToItsEnd() throws InterruptedException {
    database.execute("insert into users values (1, 2)");
    PipelineConfig config = Patient.config(database).build();
    try (MemoryStore store = new MemoryStore();
        Pipeline pipeline = Pipeline.create(config, store, new RecordingDestination())) {
      assertHealthy(pipeline.diagnose());
      pipeline.start();
      assertThat(pipeline.awaitReady(PATIENCE)).isTrue();
      assertHealthy(pipeline.diagnose());
      assertThat(pipeline.diagnose())
          .extracting(Finding::code)
          .contains(FindingCode.STORE_VOLATILE);
      pipeline.shutdown();
      pipeline.awaitTermination();
      assertHealthy(pipeline.diagnose());
    }
  }

  @Test
  void aThousandTablesAreSoonExamined() {
    database.execute(MANY);
    assertHealthy(Patient.diagnose(database)); // the first one loads classes
    long begin = System.nanoTime();
    List<Finding> found = Patient.diagnose(database);
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    LOG.info("examined 1001 tables in {} ms: {} findings", taken.toMillis(), found.size());
    assertHealthy(found);
    assertThat(taken).isLessThan(Duration.ofSeconds(10)); // 2 s on a machine of its own
  }
}
