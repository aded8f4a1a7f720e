package dev.pgetl.internal.runtime.exit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.UnusedDestination;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.stream.HandOvers;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * A range is to be copied again. Its slot is made on timeline 2, at 0x600; the apply worker is
 * durable at 0x700 of timeline 1. What timeline 2 has before 0x600 is the apply worker's, which has
 * not read it.
 */
class RangeOnAnotherTimelineTest {
  private static final TableId ID = new TableId(7);
  private static final Lsn MADE = new Lsn(0x600);
  private static final Lsn DURABLE = new Lsn(0x700);

  private final PlainStore store = new PlainStore();
  private final PipelineContext context =
      new PipelineContext(
          PipelineConfig.builder(
                  "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
              .build(),
          store,
          new UnusedDestination(),
          new PipelineListener() {},
          new SlotOnTimeline2(),
          () -> {
            throw new UnsupportedOperationException();
          },
          Platform.jvm());
  private final Tables tables = new Tables(context);
  private final StreamProgress progress =
      new StreamProgress(
          store,
          new ReplicationProgress("apply", new SlotLineage("cluster", 1, MADE), DURABLE),
          Platform.jvm());

  private static final class SlotOnTimeline2 extends UnusedSource {
    @Override
    public SourceFacts facts() {
      return new SourceFacts("cluster", 2, MADE);
    }

    @Override
    public void dropSlot(String name) {}
  }

  /** Makes slots only. */
  private static final class SlotMaker implements TableCopier {
    @Override
    public Lsn createSlot(String slotName) {
      return MADE;
    }

    @Override
    public TableCopy begin(Request request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public GroupCopy copySmall(
        List<PublishedTable> small, String slotName, ValueFormat format, long mostBytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void abort() {}
  }

  private final class Progress implements ApplyProgress {
    private final HandOvers handOvers = new HandOvers(progress, Platform.jvm());

    @Override
    public boolean awaitDurable(Lsn position, long nanos) throws InterruptedException {
      return progress.await(position, nanos);
    }

    @Override
    public boolean awaitPassed(WalEnd point, long nanos) {
      return progress.hasPassed(point);
    }

    @Override
    public boolean agree(int timeline, BooleanSupplier agreement, BooleanSupplier stopped)
        throws InterruptedException {
      return handOvers.agree(timeline, agreement, stopped);
    }
  }

  private static final class NoOther implements Attempts.Between {
    @Override
    public void retrying(EtlException failure, int attempt, Duration delay) {}

    @Override
    public boolean await(long nanos) {
      return false;
    }
  }

  @Test
  void theTableDoesNotLeave() {
    tables.known(ID, new TableName("public", "orders"), new Ready());
    Table table = Objects.requireNonNull(tables.find(ID));
    Attempts attempts =
        new Attempts(new Backoff(Duration.ofMillis(1), 2, new Random(1)), new NoOther());
    RangeAgain again =
        new RangeAgain(
            context, tables, table, new Progress(), new SlotMaker(), attempts, () -> false);

    assertThatThrownBy(() -> again.run(new KeyRange("id", "1", "9"), "slot"))
        .isInstanceOf(EtlException.class)
        .hasMessageContaining("timeline 2")
        .hasMessageEndingWith("reads timeline 1");
    assertThat(table.state().isLeaving()).isFalse();
    assertThat(table.phase()).isEqualTo(new Ready());
  }
}
