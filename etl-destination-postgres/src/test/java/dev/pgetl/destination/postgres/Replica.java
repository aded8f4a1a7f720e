package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A source, a destination, and a pipeline between them. */
final class Replica implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final TestDatabase source;
  final TestDatabase target = TestPostgres.shared().createDatabase();
  private MemoryStore store = new MemoryStore();
  private UnaryOperator<PostgresDestinationBuilder> options = builder -> builder;
  private @Nullable Pipeline pipeline;

  Replica(String sql) {
    this(TestPostgres.shared().createDatabase(), sql);
  }

  Replica(TestDatabase source, String sql) {
    this.source = source;
    source.execute(sql);
  }

  Replica options(UnaryOperator<PostgresDestinationBuilder> more) {
    options = more;
    return this;
  }

  Replica start() throws InterruptedException {
    pipeline = create();
    pipeline.start();
    return this;
  }

  private Pipeline create() {
    return Pipeline.create(
        PipelineConfig.builder("replica", "pub", source.connectionConfig()).build(),
        store,
        options.apply(PostgresDestination.builder(target.connectionConfig(), "replica")).build());
  }

  Pipeline pipeline() {
    return java.util.Objects.requireNonNull(pipeline);
  }

  Replica stop() throws InterruptedException {
    pipeline().close();
    pipeline().awaitTermination();
    return this;
  }

  /** The next start knows nothing of this one. */
  Replica loseStore() {
    store.close();
    store = new MemoryStore();
    return this;
  }

  TableId table(String name) {
    return new TableId(Long.parseLong(source.value("select '" + name + "'::regclass::oid::text")));
  }

  Replica awaitReady() throws InterruptedException {
    assertThat(pipeline().awaitReady(PATIENCE)).as("%s", pipeline().status()).isTrue();
    return awaitApplied();
  }

  Replica awaitApplied() throws InterruptedException {
    assertThat(pipeline().awaitApplied(source.currentLsn(), PATIENCE, Set.of()))
        .as("%s", pipeline().status())
        .isTrue();
    return this;
  }

  void assertEqual(String... tables) {
    for (String table : tables) {
      String rows = "select t::text from " + table + " t order by 1";
      List<List<@Nullable String>> expected = source.query(rows);
      assertThat(target.query(rows)).as(table).isEqualTo(expected);
    }
  }

  @Override
  public void close() throws InterruptedException {
    if (pipeline != null) {
      stop();
    }
    store.close();
    source.close();
    target.close();
  }
}
