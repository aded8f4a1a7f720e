package dev.pgetl.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpServer;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Executors;

/**
 * How fast rows of 1 KB go over loopback to a receiver in another process that only reads them.
 *
 * <p>{@code benchmarks/run --http}
 */
public final class HttpThroughput {
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration MEASURED = Duration.ofSeconds(8);
  private static final int PAYLOAD_BYTES = 880;
  private static final TableSchema TABLE =
      TestTable.named("orders")
          .key("id", TestTable.INT8)
          .column("customer", TestTable.TEXT)
          .column("paid", PgType.base(16, "bool"))
          .column("amount", PgType.base(1700, "numeric"))
          .column("placed", PgType.base(1184, "timestamptz"))
          .column("details", TestTable.TEXT)
          .build();

  private HttpThroughput() {}

  /**
   * Measures, or receives.
   *
   * @param args {@code receive} to be the receiver
   * @throws IOException if a connection cannot be made
   * @throws InterruptedException if it is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length > 0 && args[0].equals("receive")) {
      receive();
      return;
    }
    Process receiver =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HttpThroughput.class.getName(),
                "receive")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(receiver.getInputStream(), StandardCharsets.UTF_8))) {
      String port = out.readLine();
      System.out.println("rows/request gzip  requests/s    rows/s  JSON MB/s  CPU cores  us/row");
      for (int batch : new int[] {100, 1_000}) {
        measure(port, batch, false);
        measure(port, batch, true);
      }
      measurePipeline(port);
    } finally {
      receiver.destroy();
    }
  }

  /** Both destinations in turn; the first time only warms up. */
  private static void measurePipeline(String port) throws InterruptedException {
    try (PipelineThroughput backlog = new PipelineThroughput()) {
      for (int run = 0; run < 4; run++) {
        double nothing = backlog.measure(NoDestination::new);
        double http =
            backlog.measure(() -> HttpDestination.builder("http://localhost:" + port).build());
        if (run > 0) {
          System.out.printf(
              Locale.ROOT,
              "through a pipeline: %.0f rows/s over HTTP, %.0f rows/s to a destination that does nothing, ratio %.2f%n",
              http,
              nothing,
              http / nothing);
        }
      }
    }
  }

  private static void receive() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange;
              InputStream body = exchange.getRequestBody()) {
            body.transferTo(OutputStream.nullOutputStream());
            exchange.sendResponseHeaders(204, -1);
          }
        });
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
    System.out.println(server.getAddress().getPort());
  }

  private static void measure(String port, int batch, boolean gzip) {
    try (HttpDestination destination =
        HttpDestination.builder("http://localhost:" + port)
            .maxBodyBytes(8 << 20)
            .gzip(gzip)
            .build()) {
      List<TableRow> rows = rows(batch);
      send(destination, rows, WARM_UP);
      long cpuBefore = cpu();
      long start = System.nanoTime();
      long requests = send(destination, rows, MEASURED);
      double seconds = (System.nanoTime() - start) / 1e9;
      double cores = (cpu() - cpuBefore) / 1e9 / seconds;
      double rowsPerSecond = requests * batch / seconds;
      System.out.printf(
          Locale.ROOT,
          "%12d %-5s %10.0f %9.0f %10.1f %10.2f %7.2f%n",
          batch,
          gzip,
          requests / seconds,
          rowsPerSecond,
          rowsPerSecond * jsonBytes(rows.get(0)) / 1e6,
          cores,
          1e6 * cores / rowsPerSecond);
    }
  }

  private static long send(HttpDestination destination, List<TableRow> rows, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    long requests = 0;
    while (System.nanoTime() < end) {
      destination.writeTableRows(TABLE, rows);
      requests++;
    }
    return requests;
  }

  private static long cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** What a row takes in a body, near enough: its texts, quotes and separators. */
  private static int jsonBytes(TableRow row) {
    int bytes = "{\"values\":[]},".length();
    for (int i = 0; i < TABLE.columnCount(); i++) {
      bytes += String.valueOf(row.text(i)).length() + 3;
    }
    return bytes;
  }

  private static List<TableRow> rows(int count) {
    Random random = new Random(1);
    List<TableRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder details = new StringBuilder();
      while (details.length() < PAYLOAD_BYTES) {
        details.append(Integer.toString(random.nextInt(50_000), Character.MAX_RADIX)).append(' ');
      }
      rows.add(
          TestTable.row(
              TABLE,
              Integer.toString(i),
              "customer number " + random.nextInt(10_000),
              random.nextBoolean() ? "t" : "f",
              random.nextInt(10_000) + ".50",
              "2026-01-02 03:04:05.123456+00",
              details.toString()));
    }
    return rows;
  }
}
