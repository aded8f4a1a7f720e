package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.OneSlotSource;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.TimelineHistory;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.capture.WalStream.Input;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.estimate.CopyCosts;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.lineage.Given;
import dev.pgetl.internal.runtime.lineage.LastKeys;
import dev.pgetl.internal.runtime.stream.StreamFormat;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A table is handed over while the apply worker connects again, perhaps to a server that was
 * promoted. The table's own stream has read the old timeline up to END, which lies behind the
 * position where the new one begins.
 */
class HandOverWhileConnectingTest {
  private static final Lsn START = new Lsn(0x100);
  private static final Lsn BRANCH = new Lsn(0x200);
  private static final Lsn END = new Lsn(0x300);
  private static final TableId ID = new TableId(7);

  private final ManualPlatform platform = new ManualPlatform(0);
  private final Worker.Factory workers = new Worker.Factory("shop", platform, e -> {});
  private final Server source = new Server();
  private final PipelineContext context =
      Contexts.of(
          Contexts.config().build(), new PlainStore(), new PipelineListener() {}, source, platform);
  private final Tables tables = new Tables(context);
  private final ApplyWorker worker = worker();
  private final AtomicInteger asked = new AtomicInteger();
  private final CompletableFuture<Boolean> agreed = new CompletableFuture<>();

  /** Its first stream breaks; the second one stops the worker. */
  private final class Server extends OneSlotSource {
    private volatile int timeline = 1;
    private volatile int next = 1;
    private volatile Runnable whileComparing = () -> {};
    private volatile Runnable whileConnecting = () -> {};
    private volatile boolean failing;

    private Server() {
      super("pgetl_apply_shop", START);
      input(this::read);
    }

    private Input read() {
      if (streams().size() > 1) {
        worker.stop();
        return Input.NOTHING;
      }
      timeline = next;
      throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "away");
    }

    @Override
    public ReplicationConnection openReplication(String role) {
      if (!streams().isEmpty() && !failing) {
        whileConnecting.run();
      }
      return super.openReplication(role);
    }

    @Override
    public SourceFacts facts() {
      if (!streams().isEmpty()) {
        whileComparing.run();
      }
      return new SourceFacts("cluster", timeline, new Lsn(0x400));
    }

    @Override
    public TimelineHistory history(int of) {
      return new TimelineHistory(of, Map.of(1, BRANCH));
    }

    @Override
    public WalStream stream(String slotName, String publication, Lsn from, ValueFormat format) {
      if (failing && !streams().isEmpty()) {
        failing = false;
        throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "broken");
      }
      return super.stream(slotName, publication, from, format);
    }
  }

  private ApplyWorker worker() {
    StreamResources resources =
        new StreamResources(
            new ByteBudget(1 << 20),
            new CopyPace(() -> 0, Platform.jvm()),
            new CopyCosts(Platform.jvm()),
            new Backoff(Duration.ofNanos(1), 3, new Random(1)),
            new CallGate(Platform.jvm()),
            new StreamFormat(ValueFormat.TEXT),
            workers);
    ReplicationProgress start =
        new ReplicationProgress(context.applySlot(), new SlotLineage("cluster", 1, START), START);
    Given nothing = Given.from(LastKeys.of(context.destination(), ID, () -> {}), START, Lsn.ZERO);
    return new ApplyWorker(
        context, resources, tables, start, null, nothing, new TaskTimer("tables", workers));
  }

  private Table table() {
    return Objects.requireNonNull(tables.find(ID));
  }

  @BeforeEach
  void theFenceIsSet() {
    tables.known(ID, new TableName("public", "orders"), new FinishedCopy());
    table().move(new CaughtUp(START));
    table().move(new FenceSet(table().meet(() -> {})));
  }

  private boolean agree() throws InterruptedException {
    return worker.agree(1, () -> table().agree(END), () -> asked.incrementAndGet() > 1_000);
  }

  /** A sync worker begins to hand the table over; comes back once it waits or is done. */
  private void beginHandOver() {
    if (asked.get() > 0) {
      return;
    }
    Worker unused =
        workers.start(
            "sync-7",
            () -> {
              try {
                agreed.complete(agree());
              } catch (EtlException e) {
                agreed.completeExceptionally(e);
              }
            });
    await().until(() -> asked.get() > 1 || agreed.isDone());
  }

  private void isRefused() {
    assertThat(catchThrowable(agreed::get))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .hasMessageEndingWith(
            "has read timeline 1 of the server, the apply worker reads timeline 2");
    assertThat(tables.furthestEnd()).isEqualTo(Lsn.ZERO);
  }

  @Test
  void whatWasHandedOverBehindTheBranchBeforeIsNoticed() throws InterruptedException {
    source.next = 2;
    assertThat(agree()).isTrue();
    table().move(new HandedOver(END));

    Throwable failure = catchThrowable(worker::run);

    assertThat(((EtlException) failure).kind()).isEqualTo(ErrorKind.DIVERGED);
  }

  /** The apply worker would skip what the new timeline has up to END. */
  @Test
  void nothingIsHandedOverWhileTheServersAreCompared() throws InterruptedException {
    source.next = 2;
    source.whileComparing = this::beginHandOver;

    worker.run();

    isRefused();
  }

  /** The store has the position on the new timeline; a new process would compare nothing. */
  @Test
  void nothingIsHandedOverBetweenTheComparisonAndTheStream() throws InterruptedException {
    source.next = 2;
    source.failing = true;
    source.whileConnecting = this::beginHandOver;

    worker.run();

    isRefused();
  }

  @Test
  void aReconnectDelaysTheHandOverOnly() throws Exception {
    source.whileComparing = this::beginHandOver;

    worker.run();

    assertThat(agreed.get()).isTrue();
    table().move(new HandedOver(END));
    assertThat(table().phase()).isEqualTo(new SyncDone(END));
    assertThat(tables.furthestEnd()).isEqualTo(END);
  }

  @Test
  void aSyncWorkerThatIsStoppedDoesNotWait() throws InterruptedException {
    asked.set(999);
    source.whileComparing =
        () -> {
          try {
            assertThat(agree()).isFalse();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };

    worker.run();

    assertThat(table().phase()).isNotEqualTo(new SyncDone(END));
  }
}
