// tag::jsonLinesPipeline[]
package dev.pgetl.examples.destination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.examples.store.LoggingStore;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PostgresExtension.class)
class JsonLinesPipelineIT {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final LoggingStore.Layer persistent = new LoggingStore.Layer();
  @TempDir private Path folder;

  @Test
  void theFileHoldsWhatTheSourceHolds(TestDatabase source) throws Exception {
    source.execute("create table users (id bigint primary key, name text, bio text)");
    source.execute("insert into users select g, 'user ' || g from generate_series(1, 1000) g");
    source.execute("create publication pub for table users");
    runWhile(source, "update users set name = 'Ada' where id < 10; delete from users where id = 3");
    runWhile(source, "truncate users; insert into users values (1, 'Bob', null), (2, null, '')");
    runWhile(source, "update users set id = 7 where id = 1");
    runWhile(source, "alter table users add mail text; update users set mail = '@' where id = 7");
  }

  /** Uses a new pipeline, store and destination each time, as after a restart. */
  private void runWhile(TestDatabase source, String changes)
      throws IOException, InterruptedException {
    Path file = folder.resolve("changes.jsonl");
    LoggingStore store = new LoggingStore(persistent);
    PipelineConfig config =
        PipelineConfig.builder("lines", "pub", source.connectionConfig()).build();
    try (Pipeline pipeline = Pipeline.create(config, store, new JsonLinesDestination(file))) {
      pipeline.start();
      assertThat(pipeline.awaitReady(LIMIT)).isTrue();
      source.execute(changes);
      assertThat(pipeline.awaitApplied(source.currentLsn(), LIMIT)).isTrue();
    }
    TableSchema users = store.getTableSchemas().get(0);
    assertThat(JsonLinesReader.rows(file, users))
        .containsExactlyInAnyOrderElementsOf(source.query("select * from users"));
  }
}
// end::jsonLinesPipeline[]
