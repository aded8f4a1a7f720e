package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.testkit.data.TestTable;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a line of COPY to its row, with a copy of the line, which the row keeps. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CopyRowReaderBenchmark {
  /** Whether texts hold what has to be escaped. */
  @Param({"false", "true"})
  public boolean escapes;

  private final CopyRowReader reader =
      new CopyRowReader(
          TestTable.named("measured")
              .key("id", TestTable.INT8)
              .column("account", TestTable.INT4)
              .column("amount", TestTable.TEXT)
              .column("created", TestTable.TEXT)
              .column("note", TestTable.TEXT)
              .build());
  private byte[] line = {};

  /** Makes the line. */
  @Setup
  public void prepare() {
    String note = escapes ? "a\\ttext\\nof \\\\some\\\\ words" : "a plain text of some words";
    String text = "8712345678901\t8712345\t12345.67\t2026-01-02 03:04:05.123456+00\t" + note + "\n";
    line = text.getBytes(StandardCharsets.UTF_8);
  }

  /** {@return the row} */
  @Benchmark
  public TableRow read() {
    return reader.read(line.clone());
  }
}
