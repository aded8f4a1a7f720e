package dev.pgetl.it.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.Call;
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

/** A pipeline that reads from a pair of servers. Owned by the test's thread. */
final class FailoverScene implements AutoCloseable {
  static final String SLOT = "pgetl_apply_it";
  private static final Duration PATIENCE = ServerPair.PATIENCE;

  private final ServerPair servers;
  private final MemoryStore store = new MemoryStore();
  private final RecordingDestination destination = new RecordingDestination();
  private @Nullable Pipeline pipeline;

  private FailoverScene(ServerPair servers) {
    this.servers = servers;
  }

  static FailoverScene start() {
    return new FailoverScene(
        ServerPair.start(
            """
            create table users(id bigint generated always as identity primary key, name text);
            insert into users(name) select 'copied' from generate_series(1, 10);
            create publication pub for table users;
            """));
  }

  /** A second table, published from the next start on. */
  FailoverScene publishAnother() {
    servers
        .database()
        .execute(
            """
            create table big(id bigint primary key, filler text);
            insert into big select i, repeat('x', 100) from generate_series(1, 5000) i;
            alter publication pub add table big;
            """);
    return this;
  }

  ServerPair servers() {
    return servers;
  }

  RecordingDestination destination() {
    return destination;
  }

  Pipeline pipeline() {
    return Objects.requireNonNull(pipeline);
  }

  private Pipeline create(Destination target, UnaryOperator<PipelineConfig.Builder> options) {
    PipelineConfig.Builder builder =
        PipelineConfig.builder("it", "pub", servers.connection())
            .tableErrorRetryDelay(Duration.ofMillis(200))
            .shutdownTimeout(Duration.ofMillis(500))
            .publicationRefreshInterval(Duration.ZERO);
    Pipeline created = Pipeline.create(options.apply(builder).build(), store, target);
    pipeline = created;
    return created;
  }

  FailoverScene run() throws InterruptedException {
    return run(destination, options -> options);
  }

  FailoverScene run(Destination target, UnaryOperator<PipelineConfig.Builder> options)
      throws InterruptedException {
    Pipeline created = create(target, options);
    created.start();
    return awaitReady();
  }

  FailoverScene awaitReady() throws InterruptedException {
    assertThat(pipeline().awaitReady(PATIENCE)).isTrue();
    return this;
  }

  /** Runs until the second table is being copied; its first rows are held. */
  Hold runUntilCopying() throws InterruptedException {
    Hold hold = destination.on(Operation.ROWS).of("big").hold();
    create(destination, options -> options).start();
    hold.awaitReached();
    return hold;
  }

  FailoverScene insert(String name, int count) {
    servers
        .database()
        .execute(
            "insert into users(name) select '%s' from generate_series(1, %d)"
                .formatted(name, count));
    return this;
  }

  FailoverScene awaitApplied() throws InterruptedException {
    assertThat(pipeline().awaitApplied(servers.database().currentLsn(), PATIENCE, Set.of()))
        .isTrue();
    return this;
  }

  void stop() {
    pipeline().close();
  }

  /** Delivers some rows whose position is not stored when the process is gone. */
  void dieAfterDelivering(String name, int count) {
    destination.on(Operation.EVENTS).accept();
    destination.on(Operation.FLUSH).reject(ErrorKind.DESTINATION_UNAVAILABLE);
    deliver(name, count);
    pipeline().close();
    destination.repair();
  }

  void deliver(String name, int count) {
    long before = changes();
    insert(name, count);
    destination.await("delivered", recorded -> changes() >= before + count);
  }

  long changes() {
    return destination.calls(Operation.EVENTS).stream()
        .map(Call::events)
        .mapToLong(List::size)
        .sum();
  }

  /** The pipeline that runs ends with a failure. */
  EtlException awaitFailure(ErrorKind kind) {
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> pipeline().awaitTermination(PATIENCE));
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
    return failure;
  }

  /** Another client moves the slot on the server that is the primary now. */
  FailoverScene readByAnother() {
    servers
        .database()
        .execute("select pg_replication_slot_advance('" + SLOT + "', pg_current_wal_flush_lsn())");
    return this;
  }

  EtlException refused(ErrorKind kind) {
    return refused(kind, destination, options -> options);
  }

  /** A new pipeline does not start. */
  EtlException refused(
      ErrorKind kind, Destination target, UnaryOperator<PipelineConfig.Builder> options) {
    Pipeline next = create(target, options);
    EtlException failure = catchThrowableOfType(EtlException.class, next::start);
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
    return failure;
  }

  void assertConverged(String... others) {
    DeliveryAssert.assertThat(destination).converges(servers.database(), "users");
    for (String table : others) {
      DeliveryAssert.assertThat(destination).converges(servers.database(), table);
    }
  }

  /** {@return how many times the table was copied} */
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
    servers.close();
  }
}
