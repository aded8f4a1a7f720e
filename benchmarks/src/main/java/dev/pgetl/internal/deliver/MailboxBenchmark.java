package dev.pgetl.internal.deliver;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs per event to fill a batch and to hand it over. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MailboxBenchmark {
  private static final int EVENTS = 1_000;
  private static final int EVENT_BYTES = 300;

  private final ByteBudget budget = new ByteBudget(64 << 20);
  private final Mailbox mailbox = new Mailbox(BatchConfig.DEFAULT, budget, Platform.jvm());
  private final OpenBatch batch =
      new OpenBatch(mailbox, BatchConfig.DEFAULT, budget, 0, Platform.jvm());
  private final Event event = insert();
  private final Lsn end = new Lsn(0x2030);

  private static Event insert() {
    TableSchema table = TestTable.named("measured").key("id", TestTable.INT8).build();
    return new Event.Insert(
        new Transaction(new Lsn(0x2000), Instant.EPOCH, 700), 2, table, TestTable.row(table, "1"));
  }

  /** {@return a batch, filled, handed over and delivered} */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public @Nullable Object batch() throws InterruptedException {
    for (int i = 0; i < EVENTS; i++) {
      batch.add(event, EVENT_BYTES);
      if (batch.isFull()) {
        throw new IllegalStateException("a batch of " + i + " events is full");
      }
    }
    batch.boundary(end);
    batch.offer();
    EventBatch taken = mailbox.take(0, () -> false);
    mailbox.done(true);
    return taken;
  }
}
