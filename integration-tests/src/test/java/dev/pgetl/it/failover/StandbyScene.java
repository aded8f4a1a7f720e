package dev.pgetl.it.failover;

import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.StandbySnapshots;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A pipeline that reads from the standby of a pair. */
final class StandbyScene extends PairScene<StandbyScene> {
  private final boolean shared;
  private final PgConnectionConfig connection;
  private @Nullable StandbySnapshots snapshots;

  private StandbyScene(ServerPair servers, boolean shared) {
    super(servers, Duration.ofMillis(200));
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
    snapshots = StandbySnapshots.of(servers().database());
    return this;
  }

  @Override
  StandbyScene self() {
    return this;
  }

  @Override
  PgConnectionConfig connection() {
    return connection;
  }

  Pipeline create(UnaryOperator<PipelineConfig.Builder> options) {
    return create(connection, destination(), options);
  }

  StandbyScene run(PgConnectionConfig source, UnaryOperator<PipelineConfig.Builder> options)
      throws InterruptedException {
    create(source, destination(), options).start();
    return awaitReady();
  }

  /** A table that takes several calls of the destination to copy. */
  StandbyScene publishBig() {
    publish(30_000, 400);
    servers().awaitReplayed();
    return this;
  }

  /** The same where there is no standby any more; waits until it is copied. */
  StandbyScene publishBigOnPromoted() throws InterruptedException {
    publish(1_000, 400);
    await("the copy").atMost(PATIENCE).until(() -> destination().truncations("big") > 0);
    return awaitReady();
  }

  /** A new pipeline does not start. */
  EtlException refused(
      ErrorKind kind, PgConnectionConfig source, UnaryOperator<PipelineConfig.Builder> options) {
    return refused(kind, create(source, destination(), options));
  }

  /** The same for a pipeline of another id. */
  EtlException refused(ErrorKind kind, PgConnectionConfig source, String id) {
    PipelineConfig config = PipelineConfig.builder(id, "pub", source).build();
    return refused(kind, Pipeline.create(config, new MemoryStore(), new RecordingDestination()));
  }

  /** {@return whether all are dropped} */
  private boolean dropSlots() {
    String ours = " from pg_replication_slots where slot_name ~ '^pgetl_(apply|sync)_it'";
    servers()
        .onStandby()
        .query("select pg_drop_replication_slot(slot_name)" + ours + " and active_pid is null");
    return servers().onStandby().value("select count(*)" + ours).equals("0");
  }

  @Override
  public void close() {
    super.close();
    if (snapshots != null) {
      snapshots.close();
    }
    if (shared) {
      await("the slots are dropped").atMost(PATIENCE).until(this::dropSlots);
    } else {
      servers().close();
    }
  }
}
