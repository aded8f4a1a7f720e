package dev.pgetl.benchmarks.micro;

import dev.pgetl.benchmarks.micro.WireMessages.Column;
import dev.pgetl.event.Event;
import dev.pgetl.internal.decode.AnyTable;
import dev.pgetl.internal.decode.EventSink;
import dev.pgetl.internal.decode.PgOutputDecoder;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.util.List;
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

/** From the bytes of an insert to its event; values stay undecoded. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark implements EventSink {
  /** How many columns the table has. */
  @Param({"5", "25"})
  public int columns;

  private byte[] insert = {};
  private final PgOutputDecoder decoder =
      new PgOutputDecoder(new AnyTable(), this, Lsn.ZERO, ValueFormat.TEXT);
  private @Nullable Event last;

  /** Tells the decoder of the table and begins a transaction. */
  @Setup
  public void begin() {
    List<Column> sample = SampleColumns.first(columns);
    decode(WireMessages.begin());
    decode(WireMessages.relation(sample));
    insert = WireMessages.insert(sample);
  }

  /** {@return the event of an insert} */
  @Benchmark
  public @Nullable Event insert() {
    decode(insert);
    return last;
  }

  private void decode(byte[] message) {
    decoder.decode(message, 0, message.length);
  }

  @Override
  public void event(Event event, int bytes) {
    last = event;
  }

  @Override
  public void boundary(Lsn endLsn) {
    last = null;
  }
}
