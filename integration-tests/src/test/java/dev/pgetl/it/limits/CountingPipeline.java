package dev.pgetl.it.limits;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.wal.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pipeline in a process of its own that counts what it is given, reading every value. Argument:
 * JDBC URL. It prints {@code ready} once everything is copied; a position on its standard input
 * makes it stream up to there, print its figures and end.
 */
final class CountingPipeline implements Destination {
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private final LongAdder rows = new LongAdder();
  private final LongAdder inserts = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  private CountingPipeline() {}

  /** Runs a pipeline up to the position it is told. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    PipelineConfig config =
        PipelineConfig.builder("limits", "pub", PgConnectionConfig.jdbcUrl(arguments[0]).build())
            .build();
    CountingPipeline counter = new CountingPipeline();
    try (MemoryStore store = new MemoryStore();
        Pipeline pipeline = Pipeline.create(config, store, counter)) {
      pipeline.start();
      System.out.println(pipeline.awaitReady(PATIENCE) ? "ready" : "not " + pipeline.status());
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      boolean applied = line != null && pipeline.awaitApplied(Lsn.parse(line), PATIENCE);
      System.out.println(applied ? counter.figures() : "stays behind: " + pipeline.status());
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    throw new UnsupportedOperationException("nothing is copied twice");
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> copied) {
    rows.add(copied.size());
    copied.forEach(this::read);
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Event.Insert insert) {
        inserts.increment();
        read(insert.row());
      }
    }
    return WriteResult.DURABLE;
  }

  private void read(TableRow row) {
    for (int i = 0; i < row.columnCount(); i++) {
      var text = row.textBytes(i);
      bytes.add(text == null ? 0 : text.remaining());
    }
  }

  private String figures() throws IOException {
    return "rows=%d inserts=%d bytes=%d peakHeapMiB=%d peakRssMiB=%d"
        .formatted(rows.sum(), inserts.sum(), bytes.sum(), peakHeap() >> 20, peakRss() >> 20);
  }

  /** Of all heap spaces together, though their peaks need not have been at the same time. */
  private static long peakHeap() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }

  private static long peakRss() throws IOException {
    Matcher peak =
        Pattern.compile("VmHWM:\\s+(\\d+) kB")
            .matcher(Files.readString(Path.of("/proc/self/status"), StandardCharsets.UTF_8));
    return peak.find() ? Long.parseLong(peak.group(1)) << 10 : 0;
  }
}
