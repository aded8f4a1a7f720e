package dev.pgetl.it.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline and a pair of servers. Owned by the test's thread.
 *
 * @param <S> the scene itself
 */
abstract class PairScene<S extends PairScene<S>> implements AutoCloseable {
  static final Duration PATIENCE = ServerPair.PATIENCE;

  static final String TABLES =
      """
      create table users(id bigint generated always as identity primary key, name text);
      insert into users(name) select 'copied' from generate_series(1, 10);
      create publication pub for table users;
      """;

  private final ServerPair servers;
  private final Duration refresh;
  private final MemoryStore store = new MemoryStore();
  private final RecordingDestination destination = new RecordingDestination();
  private @Nullable Pipeline pipeline;

  /**
   * Prepares it; nothing runs.
   *
   * @param servers what the pipeline reads from
   * @param refresh how often the pipeline looks at the publication
   */
  PairScene(ServerPair servers, Duration refresh) {
    this.servers = servers;
    this.refresh = refresh;
  }

  abstract S self();

  /** {@return how the pipeline connects} */
  abstract PgConnectionConfig connection();

  ServerPair servers() {
    return servers;
  }

  MemoryStore store() {
    return store;
  }

  RecordingDestination destination() {
    return destination;
  }

  Pipeline pipeline() {
    return Objects.requireNonNull(pipeline);
  }

  Pipeline create(
      PgConnectionConfig source,
      Destination target,
      UnaryOperator<PipelineConfig.Builder> options) {
    PipelineConfig.Builder builder =
        PipelineConfig.builder("it", "pub", source)
            .tableErrorRetryDelay(Duration.ofMillis(200))
            .shutdownTimeout(Duration.ofMillis(500))
            .publicationRefreshInterval(refresh);
    Pipeline created = Pipeline.create(options.apply(builder).build(), store, target);
    pipeline = created;
    return created;
  }

  S run() throws InterruptedException {
    create(connection(), destination, options -> options).start();
    return awaitReady();
  }

  S awaitReady() throws InterruptedException {
    assertThat(pipeline().awaitReady(PATIENCE)).as(pipeline().status().toString()).isTrue();
    return self();
  }

  /** Runs until the large table is being copied; its first rows are held. */
  Hold runUntilCopying() throws InterruptedException {
    Hold hold = destination.on(Operation.ROWS).of("big").hold();
    create(connection(), destination, options -> options).start();
    hold.awaitReached();
    return hold;
  }

  /** A large table, published from the next start or refresh on. */
  void publish(int rows, int width) {
    servers
        .database()
        .execute(
            """
            create table big(id bigint primary key, filler text);
            insert into big select i, repeat('x', %d) from generate_series(1, %d) i;
            analyze big;
            alter publication pub add table big;
            """
                .formatted(width, rows));
  }

  S insert(String name, int count) {
    servers
        .database()
        .execute(
            "insert into users(name) select '%s' from generate_series(1, %d)"
                .formatted(name, count));
    return self();
  }

  /** The position is one of the primary's. */
  S awaitApplied() throws InterruptedException {
    assertThat(pipeline().awaitApplied(servers.database().currentLsn(), PATIENCE, Set.of()))
        .as(pipeline().status().toString())
        .isTrue();
    return self();
  }

  void stop() {
    pipeline().close();
  }

  /** The pipeline that runs ends with a failure. */
  EtlException awaitFailure(ErrorKind kind) {
    return checked(
        catchThrowableOfType(EtlException.class, () -> pipeline().awaitTermination(PATIENCE)),
        kind);
  }

  /** A pipeline does not start. */
  static EtlException refused(ErrorKind kind, Pipeline next) {
    return checked(catchThrowableOfType(EtlException.class, next::start), kind);
  }

  private static EtlException checked(@Nullable EtlException failure, ErrorKind kind) {
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
    return failure;
  }

  S assertConverged(String... others) {
    DeliveryAssert.assertThat(destination).converges(servers.database(), "users");
    List.of(others)
        .forEach(
            table -> DeliveryAssert.assertThat(destination).converges(servers.database(), table));
    return self();
  }

  /** {@return how many times the first table was copied} */
  long copies() {
    return destination.truncations("users");
  }

  @Override
  public void close() {
    Pipeline running = pipeline;
    if (running != null) {
      running.close();
    }
    store.close();
  }
}
