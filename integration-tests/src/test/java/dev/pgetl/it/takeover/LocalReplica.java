package dev.pgetl.it.takeover;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A replica in this process, whose ways to the source and to the store can be cut. */
final class LocalReplica implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final TcpProxy toSource;
  private final TcpProxy toStore;
  private final MemoryStore store;
  private final Pipeline pipeline;
  private final AtomicLong lastEpoch = new AtomicLong();
  private final Queue<String> notices = new ConcurrentLinkedQueue<>();

  LocalReplica(
      TestDatabase database,
      String name,
      Destination destination,
      UnaryOperator<LeaseConfig.Builder> lease) {
    toSource = TcpProxy.to(database.server().host(), database.server().port());
    toStore = TcpProxy.to(database.server().host(), database.server().port());
    PgConnectionConfig source =
        database
            .connection()
            .port(toSource.port())
            .walSenderTimeout(Duration.ofSeconds(3))
            .statusInterval(Duration.ofMillis(500))
            .build();
    store =
        new MemoryStore(
            PostgresLayer.builder(database.connection().port(toStore.port()).build(), "it")
                .build());
    PipelineConfig config =
        PipelineConfig.builder("it", "pub", source)
            .tableErrorRetryDelay(Duration.ofSeconds(2))
            .standby(lease.apply(LeaseConfig.builder().owner(name)).build())
            .build();
    pipeline = Pipeline.create(config, store, destination, listener());
  }

  private PipelineListener listener() {
    return new PipelineListener() {
      @Override
      public void onStandby(String owner) {
        notices.add("standby " + owner);
      }

      @Override
      public void onOwner(long epoch) {
        boolean rises = lastEpoch.getAndSet(epoch) < epoch;
        notices.add(rises ? "owner" : "owner of an earlier epoch");
      }
    };
  }

  LocalReplica start() {
    pipeline.start();
    return this;
  }

  Pipeline pipeline() {
    return pipeline;
  }

  TcpProxy toSource() {
    return toSource;
  }

  TcpProxy toStore() {
    return toStore;
  }

  /** {@return of what its listener was notified} */
  Queue<String> notices() {
    return notices;
  }

  void await(State state) {
    Awaitility.await("state " + state)
        .atMost(LIMIT)
        .until(() -> pipeline.status().state() == state);
  }

  @Override
  public void close() {
    pipeline.close();
    store.close();
    toSource.close();
    toStore.close();
  }
}
