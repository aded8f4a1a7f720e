package dev.pgetl.it.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.StandbySnapshots;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A pipeline that reads from the standby of a pair. Owned by the test's thread. */
final class StandbyScene implements AutoCloseable {
  static final Duration PATIENCE = ServerPair.PATIENCE;

  private static final String TABLES =
      """
      create table users(id bigint generated always as identity primary key, name text);
      insert into users(name) select 'copied' from generate_series(1, 10);
      create publication pub for table users;
      """;

  private final ServerPair servers;
  private final boolean shared;
  private final MemoryStore store = new MemoryStore();
  private final RecordingDestination destination = new RecordingDestination();
  private final PgConnectionConfig connection;
  private @Nullable StandbySnapshots snapshots;
  private @Nullable Pipeline pipeline;

  private StandbyScene(ServerPair servers, boolean shared) {
    this.servers = servers;
    this.shared = shared;
    this.connection = servers.standbyConnection().build();
  }

  /** {@return a scene with servers of its own, to be promoted} */
  static StandbyScene start() {
    ServerPair servers = ServerPair.start(TABLES);
    servers.awaitReplayed();
    return new StandbyScene(servers, false).withSnapshots();
  }

  /** {@return a scene with a database of its own on servers that others use later} */
  static StandbyScene on(ServerPair servers) {
    servers.renew(TABLES);
    return new StandbyScene(servers, true);
  }

  /** The primary logs its running transactions all the time from now on. */
  StandbyScene withSnapshots() {
    snapshots = StandbySnapshots.of(servers.database());
    return this;
  }

  ServerPair servers() {
    return servers;
  }

  MemoryStore store() {
    return store;
  }

  RecordingDestination destination() {
    return destination;
  }

  PgConnectionConfig connection() {
    return connection;
  }

  Pipeline pipeline() {
    return Objects.requireNonNull(pipeline);
  }

  Pipeline create(UnaryOperator<PipelineConfig.Builder> options) {
    return create(connection, options);
  }

  Pipeline create(PgConnectionConfig source, UnaryOperator<PipelineConfig.Builder> options) {
    PipelineConfig.Builder builder =
        PipelineConfig.builder("it", "pub", source)
            .tableErrorRetryDelay(Duration.ofMillis(200))
            .shutdownTimeout(Duration.ofMillis(500))
            .publicationRefreshInterval(Duration.ofMillis(200));
    Pipeline created = Pipeline.create(options.apply(builder).build(), store, destination);
    pipeline = created;
    return created;
  }

  StandbyScene run() throws InterruptedException {
    return run(connection, options -> options);
  }

  StandbyScene run(PgConnectionConfig source, UnaryOperator<PipelineConfig.Builder> options)
      throws InterruptedException {
    create(source, options).start();
    return awaitReady();
  }

  StandbyScene awaitReady() throws InterruptedException {
    assertThat(pipeline().awaitReady(PATIENCE)).as(pipeline().status().toString()).isTrue();
    return this;
  }

  /** A table that takes several calls of the destination to copy. */
  StandbyScene publishBig() {
    servers
        .database()
        .execute(
            """
            create table big(id bigint primary key, filler text);
            insert into big select i, repeat('x', 400) from generate_series(1, 30000) i;
            analyze big;
            alter publication pub add table big;
            """);
    servers.awaitReplayed();
    return this;
  }

  /** The same where there is no standby any more; waits until it is copied. */
  StandbyScene publishBigOnPromoted() throws InterruptedException {
    servers
        .database()
        .execute(
            """
            create table big(id bigint primary key, filler text);
            insert into big select i, repeat('x', 400) from generate_series(1, 1000) i;
            alter publication pub add table big;
            """);
    await("the copy").atMost(PATIENCE).until(() -> destination.truncations("big") > 0);
    return awaitReady();
  }

  /** Runs until the large table is being copied; its first rows are held. */
  Hold runUntilCopying() throws InterruptedException {
    Hold hold = destination.on(Operation.ROWS).of("big").hold();
    create(options -> options).start();
    hold.awaitReached();
    return hold;
  }

  StandbyScene insert(String name, int count) {
    servers
        .database()
        .execute(
            "insert into users(name) select '%s' from generate_series(1, %d)"
                .formatted(name, count));
    return this;
  }

  /** The position is one of the primary's. */
  StandbyScene awaitApplied() throws InterruptedException {
    assertThat(pipeline().awaitApplied(servers.database().currentLsn(), PATIENCE, Set.of()))
        .as(pipeline().status().toString())
        .isTrue();
    return this;
  }

  void stop() {
    pipeline().close();
  }

  /** The pipeline that runs ends with a failure. */
  EtlException awaitFailure(ErrorKind kind) {
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> pipeline().awaitTermination(PATIENCE));
    return checked(failure, kind);
  }

  /** A new pipeline does not start. */
  EtlException refused(
      ErrorKind kind, PgConnectionConfig source, UnaryOperator<PipelineConfig.Builder> options) {
    Pipeline next = create(source, options);
    return checked(catchThrowableOfType(EtlException.class, next::start), kind);
  }

  /** The same for a pipeline of another id. */
  EtlException refused(ErrorKind kind, PgConnectionConfig source, String id) {
    PipelineConfig config = PipelineConfig.builder(id, "pub", source).build();
    Pipeline next = Pipeline.create(config, new MemoryStore(), new RecordingDestination());
    return checked(catchThrowableOfType(EtlException.class, next::start), kind);
  }

  private static EtlException checked(@Nullable EtlException failure, ErrorKind kind) {
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
    return failure;
  }

  StandbyScene assertConverged(String... tables) {
    for (String table : tables) {
      DeliveryAssert.assertThat(destination).converges(servers.database(), table);
    }
    return this;
  }

  /** {@return how many times the first table was copied} */
  long copies() {
    return destination.truncations("users");
  }

  /** {@return whether all are dropped} */
  private boolean dropSlots() {
    String ours = " from pg_replication_slots where slot_name ~ '^pgetl_(apply|sync)_it'";
    servers
        .onStandby()
        .query("select pg_drop_replication_slot(slot_name)" + ours + " and active_pid is null");
    return servers.onStandby().value("select count(*)" + ours).equals("0");
  }

  @Override
  public void close() {
    Pipeline running = pipeline;
    if (running != null) {
      running.close();
    }
    if (snapshots != null) {
      snapshots.close();
    }
    store.close();
    if (shared) {
      await("the slots are dropped").atMost(PATIENCE).until(this::dropSlots);
    } else {
      servers.close();
    }
  }
}
