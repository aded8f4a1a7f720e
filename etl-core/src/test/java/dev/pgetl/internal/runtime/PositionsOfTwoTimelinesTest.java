package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.OneSlotSource;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.estimate.CopyCosts;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.lineage.Given;
import dev.pgetl.internal.runtime.lineage.LastKeys;
import dev.pgetl.internal.runtime.stream.StreamFormat;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The apply worker is durable at 0x700 of timeline 2. A server of timeline 3, which left that one
 * earlier, is at 0x600: the stream has not read what it has before that.
 */
class PositionsOfTwoTimelinesTest {
  private static final Lsn DURABLE = new Lsn(0x700);
  private static final WalEnd PROMOTED = new WalEnd(3, new Lsn(0x600));
  private static final WalEnd OLD = new WalEnd(1, new Lsn(0x600));
  private static final WalEnd SAME = new WalEnd(2, new Lsn(0x600));

  private final AtomicInteger reconnects = new AtomicInteger();
  private final ManualPlatform platform = new ManualPlatform(0);
  private final Worker.Factory workers = new Worker.Factory("shop", platform, e -> {});
  private final PipelineContext context =
      Contexts.of(
          Contexts.config().build(),
          new PlainStore(),
          new PipelineListener() {},
          new OneSlotSource("pgetl_apply_shop", DURABLE) {
            @Override
            public void reconnect() {
              reconnects.incrementAndGet();
            }
          },
          platform);
  private final ApplyWorker worker = worker();

  private ApplyWorker worker() {
    StreamResources resources =
        new StreamResources(
            new ByteBudget(1 << 20),
            new CopyPace(() -> 0, Platform.jvm()),
            new CopyCosts(Platform.jvm()),
            new Backoff(Duration.ofNanos(1), 3, new Random(1)),
            new StreamFormat(ValueFormat.TEXT),
            workers);
    SlotLineage lineage = new SlotLineage("cluster", 2, new Lsn(0x100));
    return new ApplyWorker(
        context,
        resources,
        new Tables(context),
        new ReplicationProgress(context.applySlot(), lineage, DURABLE),
        null,
        Given.from(LastKeys.of(context.destination(), new TableId(7)), DURABLE, Lsn.ZERO),
        new TaskTimer("tables", workers));
  }

  @Test
  void aPositionOfAnotherTimelineIsNeverPassed() {
    assertThat(worker.timeline().hasPassed(PROMOTED)).isFalse();
    assertThat(worker.timeline().hasPassed(OLD)).isFalse();
    assertThat(worker.timeline().hasPassed(SAME)).isTrue();
  }

  @Test
  void aWaitForAPositionOfAnotherTimelineFails() throws InterruptedException {
    assertThatThrownBy(() -> worker.awaitPassed(PROMOTED, 1))
        .isInstanceOf(EtlException.class)
        .hasMessageContaining("0/600 of timeline 3")
        .hasMessageContaining("reads timeline 2");
    assertThat(worker.awaitPassed(SAME, 1)).isTrue();
  }

  @Test
  void aStreamOfAnOlderTimelineEnds() {
    assertThatThrownBy(() -> worker.timeline().require(PROMOTED)).isInstanceOf(EtlException.class);
    assertThat(worker.endsStream(DURABLE, DURABLE)).isTrue();
    assertThat(reconnects).hasValue(0);
  }

  @Test
  void aSourceThatAsksAServerOfAnOlderTimelineConnectsAgain() {
    assertThatThrownBy(() -> worker.timeline().require(OLD)).isInstanceOf(EtlException.class);
    assertThat(worker.endsStream(DURABLE, DURABLE)).isFalse();
    assertThat(reconnects).hasValue(1);
  }

  @Test
  void aPositionOfTheSameTimelineIsAccepted() {
    worker.timeline().require(SAME);
    assertThat(worker.endsStream(DURABLE, DURABLE)).isFalse();
    assertThat(reconnects).hasValue(0);
  }
}
