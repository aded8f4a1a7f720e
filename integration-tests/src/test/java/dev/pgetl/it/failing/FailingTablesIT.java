package dev.pgetl.it.failing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Some tables fail, in every way there is, and those beside them do not notice. */
class FailingTablesIT {
  private static final int TABLES = 75;

  private final Layout layout =
      Layout.of(TABLES, Way.values().length, TestPostgres.shared().majorVersion());

  @Test
  void theOthersAreReadyAndEachFailureIsNamed() throws InterruptedException {
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        FailingTables tables = new FailingTables(source, layout, Duration.ofMillis(200)).prepare();
        EventWriter unused = new EventWriter(source, layout.healthy()).start();
        Pipeline pipeline = tables.start()) {
      tables.disturb();
      tables.awaitReady(pipeline, layout.healthy());
      tables.change();
      tables.awaitNamed(pipeline);

      List<TableStatus> failed = pipeline.status().failedTables();
      assertThat(failed)
          .map(TableStatus::phase)
          .allMatch(phase -> ((Errored) phase).retryDirective() == RetryDirective.MANUAL);
      assertThat(pipeline.status().stream().failure()).isEmpty();

      tables.destination().end();
      for (TableStatus table : failed) {
        pipeline.resync(table.id());
      }
      tables.awaitReady(pipeline, layout.failingAtTheDestination());
      tables.awaitReady(pipeline, layout.healthy());
    }
  }
}
