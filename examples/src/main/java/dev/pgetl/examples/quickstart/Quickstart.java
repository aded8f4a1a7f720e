package dev.pgetl.examples.quickstart;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.error.EtlException;
import dev.pgetl.examples.store.LoggingStore;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.store.PipelineStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Runs a pipeline from Postgres to HTTP.
 *
 * <p>Without arguments it starts its own Postgres and receiver, changes rows while the pipeline
 * copies and streams them, and compares both at the end: exit code 0 if they are equal, 1 if not.
 * With {@code --source}, {@code --publication} and {@code --http} it runs between yours until it is
 * stopped.
 */
public final class Quickstart {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private Quickstart() {}

  /**
   * Runs it.
   *
   * @param arguments see {@link Options#USAGE}
   * @throws InterruptedException if it was interrupted
   * @throws IOException if the receiver cannot listen
   */
  public static void main(String[] arguments) throws InterruptedException, IOException {
    Options options;
    try {
      options = Options.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(Options.USAGE);
      System.exit(2);
      return;
    }
    System.exit(options.isDemo() ? demo() : run(options));
  }

  /** Between your Postgres and your receiver, until it is stopped. */
  private static int run(Options options) throws InterruptedException {
    try (Pipeline pipeline =
        pipeline(
            options.connection(),
            options.publication(),
            new LoggingStore(new LoggingStore.Layer()),
            HttpDestination.builder(options.http()).build())) {
      Runtime.getRuntime().addShutdownHook(new Thread(pipeline::close, "quickstart-stop"));
      pipeline.start();
      Screen screen = new Screen(System.out);
      while (!pipeline.awaitTermination(Screen.INTERVAL)) {
        screen.show(pipeline.status());
      }
      return 0;
    } catch (EtlException e) {
      System.err.println(e.kind() + ": " + e.getMessage());
      return 1;
    }
  }

  static Pipeline pipeline(
      PgConnectionConfig connection,
      String publication,
      PipelineStore store,
      Destination destination) {
    PipelineConfig config =
        PipelineConfig.builder("quickstart", publication, connection)
            .tableErrorRetryDelay(Duration.ofSeconds(2))
            .maxTableSyncWorkers(2)
            .build();
    return Pipeline.create(config, store, destination);
  }

  /** Everything on this machine, and the proof. */
  private static int demo() throws InterruptedException, IOException {
    System.out.println("Starting a Postgres and a receiver on this machine ...");
    try (DemoSource source = DemoSource.start();
        DemoReceiver receiver = DemoReceiver.start();
        Pipeline pipeline =
            pipeline(
                source.connection(),
                DemoSource.PUBLICATION,
                new LoggingStore(new LoggingStore.Layer()),
                HttpDestination.builder(receiver.url()).build())) {
      Screen screen = new Screen(System.out);
      pipeline.start();
      try (DemoWorkload workload = DemoWorkload.start(source)) {
        while (!pipeline.status().allReady() || workload.isRunning()) {
          if (pipeline.awaitTermination(Screen.INTERVAL)) {
            throw new IllegalStateException("the pipeline ended early");
          }
          screen.show(pipeline.status());
          throwIfStuck(pipeline.status());
        }
        workload.throwIfFailed();
      }
      boolean applied = pipeline.awaitApplied(source.currentLsn(), PATIENCE);
      screen.show(pipeline.status());
      pipeline.shutdown();
      pipeline.awaitTermination();
      return verdict(source, receiver, applied);
    } catch (EtlException e) {
      System.err.println(e.kind() + ": " + e.getMessage());
      return 1;
    }
  }

  private static void throwIfStuck(PipelineStatus status) {
    for (TableStatus table : status.failedTables()) {
      throw new IllegalStateException(
          "table " + table.name() + " requires manual intervention: " + table.phase());
    }
  }

  private static int verdict(DemoSource source, DemoReceiver receiver, boolean applied) {
    System.out.println();
    List<String> differences = Comparison.differences(source, receiver);
    if (applied && differences.isEmpty()) {
      System.out.println("EQUAL: the receiver holds exactly what Postgres holds, row by row.");
      return 0;
    }
    System.out.println("DIFFERENT:" + (applied ? "" : " not everything arrived in time"));
    differences.forEach(System.out::println);
    return 1;
  }
}
