package dev.pgetl.it.takeover;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/**
 * One replica in a process of its own. Arguments: JDBC URL of source and store, the journal of all
 * replicas, its name; perhaps a JDBC URL of the store. It prints who owns the pipeline, and what is
 * logged with the machine's clock. It ends cleanly when its standard input does. With {@code
 * replica.pauseAt} and a byte of input it stops itself at a failpoint, as SIGSTOP does; with {@code
 * replica.armed} it needs no input. With {@code replica.receiver} it sends requests instead of
 * writing the journal.
 */
final class ReplicaMain {
  /** Long enough to be stopped in it. */
  private static final Duration BACK_OFF = Duration.ofSeconds(2);

  private ReplicaMain() {}

  /** Runs the replica. */
  public static void main(String[] arguments) throws IOException {
    new TimedLog().start();
    PgConnectionConfig source = PgConnectionConfig.jdbcUrl(arguments[0]).build();
    PgConnectionConfig shared =
        arguments.length > 3 ? PgConnectionConfig.jdbcUrl(arguments[3]).build() : source;
    Duration lease = Duration.ofMillis(Long.getLong("replica.lease", 10_000));
    ReadBy readBy = Boolean.getBoolean("replica.ranges") ? ReadBy.KEY : ReadBy.AUTO;
    PipelineConfig config =
        PipelineConfig.builder("it", "pub", source)
            .tableErrorRetryDelay(Duration.ofSeconds(1))
            .tableCopy(TableCopyConfig.all().readBy(readBy))
            .standby(LeaseConfig.builder().owner(arguments[2]).length(lease).build())
            .build();
    AtomicBoolean armed = new AtomicBoolean(Boolean.getBoolean("replica.armed"));
    pauseAt(System.getProperty("replica.pauseAt", ""), armed);
    try (MemoryStore store = new MemoryStore(PostgresLayer.builder(shared, "it").build());
        Pipeline pipeline = Pipeline.create(config, store, destination(arguments), new Printer())) {
      pipeline.start();
      System.out.println("started " + pipeline.status().state());
      while (System.in.read() >= 0) {
        armed.set(true);
      }
    }
    System.out.println("ended");
  }

  private static Destination destination(String[] arguments) {
    String receiver = System.getProperty("replica.receiver", "");
    return receiver.isEmpty()
        ? new EpochJournal(Path.of(arguments[1]), arguments[2])
        : HttpDestination.builder(receiver)
            .retryDelay(BACK_OFF)
            .maxRetryDelay(BACK_OFF)
            .retryJitter(0)
            .build();
  }

  private static void pauseAt(String failpoint, AtomicBoolean armed) {
    if (!failpoint.isEmpty()) {
      Failpoint.install(
          at -> {
            if (at.name().equals(failpoint) && armed.getAndSet(false)) {
              System.out.println("paused " + System.nanoTime());
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

  /** Prints what is logged, with the clock that all processes of the machine share. */
  private static final class TimedLog extends AppenderBase<ILoggingEvent> {
    @Override
    public void start() {
      super.start();
      ((Logger) LoggerFactory.getLogger("dev.pgetl")).addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
      System.out.println("log " + System.nanoTime() + " " + event.getFormattedMessage());
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
