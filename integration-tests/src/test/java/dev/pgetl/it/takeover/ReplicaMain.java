package dev.pgetl.it.takeover;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One replica in a process of its own. Arguments: JDBC URL of source and store, the journal of all
 * replicas, its name. It prints who owns the pipeline. It ends cleanly when its standard input
 * does. With {@code replica.pauseAt} it stops itself at a failpoint, as SIGSTOP does.
 */
final class ReplicaMain {
  private ReplicaMain() {}

  /** Runs the replica. */
  public static void main(String[] arguments) throws IOException {
    PgConnectionConfig source = PgConnectionConfig.jdbcUrl(arguments[0]).build();
    Duration lease = Duration.ofMillis(Long.getLong("replica.lease", 10_000));
    PipelineConfig config =
        PipelineConfig.builder("it", "pub", source)
            .tableErrorRetryDelay(Duration.ofSeconds(1))
            .standby(LeaseConfig.builder().owner(arguments[2]).length(lease).build())
            .build();
    pauseAt(System.getProperty("replica.pauseAt", ""), Integer.getInteger("replica.pauseTime", 1));
    EpochJournal destination = new EpochJournal(Path.of(arguments[1]), arguments[2]);
    try (MemoryStore store = new MemoryStore(PostgresLayer.builder(source, "it").build());
        Pipeline pipeline = Pipeline.create(config, store, destination, new Printer())) {
      pipeline.start();
      System.out.println("started " + pipeline.status().state());
      while (System.in.read() >= 0) {
        System.out.println("status " + pipeline.status());
      }
    }
    System.out.println("ended");
  }

  private static void pauseAt(String failpoint, int time) {
    AtomicInteger times = new AtomicInteger();
    if (!failpoint.isEmpty()) {
      Failpoint.install(
          at -> {
            if (at.name().equals(failpoint) && times.incrementAndGet() == time) {
              System.out.println("paused");
              pause();
            }
          });
    }
  }

  private static void pause() {
    try {
      int unused =
          new ProcessBuilder("kill", "-STOP", Long.toString(ProcessHandle.current().pid()))
              .start()
              .waitFor();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Printer implements PipelineListener {
    @Override
    public void onStandby(String owner) {
      System.out.println("standby " + owner);
    }

    @Override
    public void onOwner(long epoch) {
      System.out.println("owner " + epoch);
    }
  }
}
