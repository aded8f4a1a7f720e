package dev.pgetl.benchmarks.micro;

import dev.pgetl.benchmarks.micro.WireMessages.Column;
import dev.pgetl.data.TableRow;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.testkit.data.TestTable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/** From the text of a value to its natural Java value. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class ValueBenchmark {
  /** A type's name. */
  @Param({
    "bool",
    "int2",
    "int4",
    "int8",
    "numeric",
    "float4",
    "float8",
    "text",
    "varchar",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "bytea",
    "json",
    "jsonb",
    "int4_array",
    "text_array",
    "inet"
  })
  public String type = "";

  private @Nullable TableRow row;

  /** Makes the row. */
  @Setup
  public void prepare() {
    Column column = SampleColumns.ofType(type);
    row =
        TestTable.row(
            TestTable.named("measured")
                .column(column.name(), BuiltinTypes.find(column.typeOid()).orElseThrow())
                .build(),
            column.text());
  }

  /** {@return the value} */
  @Benchmark
  public @Nullable Object get() {
    return row == null ? null : row.get(0);
  }
}
