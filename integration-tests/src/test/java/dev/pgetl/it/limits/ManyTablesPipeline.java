package dev.pgetl.it.limits;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.memory.PersistentLayer;
import dev.pgetl.store.postgres.PostgresLayer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pipeline over many tables in a process of its own. Arguments: its id, the URL of the source,
 * the URL of the database or the directory in which it keeps its state, and the refresh interval.
 *
 * <p>It prints {@code started} with what that took when {@code start} has returned, and {@code
 * delivered} with the transaction for each insert. A table's id on its standard input makes the
 * table {@code Ready} in its store; {@code cost} makes it print what refreshes have cost so far. It
 * uses only what older versions of the library have as well.
 */
final class ManyTablesPipeline implements Destination {
  private static final AtomicLong REFRESHES = new AtomicLong();

  private ManyTablesPipeline() {}

  /** Runs the pipeline until its standard input ends. */
  public static void main(String[] arguments) throws IOException {
    long begin = System.nanoTime();
    PipelineConfig config =
        PipelineConfig.builder(
                arguments[0], "pub", PgConnectionConfig.jdbcUrl(arguments[1]).build())
            .publicationRefreshInterval(Duration.parse(arguments[3]))
            .build();
    try (MemoryStore store = new MemoryStore(layer(arguments[0], arguments[2]));
        Pipeline pipeline = Pipeline.create(config, counting(store), new ManyTablesPipeline())) {
      pipeline.start();
      long wall = (System.nanoTime() - begin) / 1_000_000;
      long cpu = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
      print("started %d ms in start(), %d ms of CPU".formatted(wall, cpu));
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        if (line.equals("cost")) {
          print("cost " + REFRESHES.get() + " " + supervisorNanos());
        } else {
          store.updateTableReplicationState(new TableId(Long.parseLong(line)), new Ready());
        }
      }
    }
  }

  private static PersistentLayer layer(String id, String place) {
    return place.startsWith("jdbc:")
        ? PostgresLayer.builder(PgConnectionConfig.jdbcUrl(place).build(), id).build()
        : FileLayer.open(Path.of(place));
  }

  /** A refresh ends with the removal of old versions. */
  private static PipelineStore counting(PipelineStore store) {
    return (PipelineStore)
        Proxy.newProxyInstance(
            PipelineStore.class.getClassLoader(),
            new Class<?>[] {PipelineStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("pruneTableSchemas")) {
                REFRESHES.incrementAndGet();
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** {@return the CPU time of the thread that refreshes} */
  private static long supervisorNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().endsWith("-supervisor")) {
        nanos += threads.getThreadCpuTime(thread.getId());
      }
    }
    return nanos;
  }

  private static void print(String line) {
    System.out.println(line);
    System.out.flush();
  }

  @Override
  public void truncateTable(TableSchema table) {}

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> copied) {
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Event.Insert insert) {
        print("delivered " + insert.transaction().xid());
      }
    }
    return WriteResult.DURABLE;
  }
}
