package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.FakeStream;
import dev.pgetl.internal.capture.OneSlotSource;
import dev.pgetl.internal.capture.WalStream.Input;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The apply worker on streams that bring no changes, and end as a test wants. */
class ApplyWorkerTest {
  private static final Lsn START = new Lsn(0x100);
  private static final long MANY = 1_000_000;
  private static final int MAX_ATTEMPTS = 3;

  private final EtlException away = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "away");
  private final ManualPlatform platform = new ManualPlatform(0);
  private final List<Throwable> unexpected = new CopyOnWriteArrayList<>();
  private final Worker.Factory workers = new Worker.Factory("shop", platform, unexpected::add);
  private final List<String> retries = new ArrayList<>();
  private final PlainStore store = new PlainStore();
  private final OneSlotSource source = new OneSlotSource("pgetl_apply_shop", START);
  private final PipelineContext context =
      Contexts.of(Contexts.config().build(), store, new Listener(), source, platform);

  @AfterEach
  void nothingUnexpected() {
    assertThat(unexpected).isEmpty();
  }

  private final class Listener implements PipelineListener {
    @Override
    public void onRetry(EtlException failure, int attempt, Duration delay) {
      retries.add(failure.kind() + " " + attempt + " after " + delay.toNanos() + " ns");
    }
  }

  private ApplyWorker worker(ValueFormat format) {
    StreamResources resources =
        new StreamResources(
            new ByteBudget(1 << 20),
            new CopyPace(() -> 0, Platform.jvm()),
            new CopyCosts(Platform.jvm()),
            new Backoff(Duration.ofNanos(1), MAX_ATTEMPTS, new Random(1)),
            new CallGate(Platform.jvm()),
            new StreamFormat(format),
            workers);
    SlotLineage lineage = new SlotLineage("cluster", 1, START);
    ReplicationProgress start = new ReplicationProgress(context.applySlot(), lineage, START);
    Given nothing =
        Given.from(LastKeys.of(context.destination(), new TableId(1), () -> {}), START, Lsn.ZERO);
    TaskTimer timer = new TaskTimer("tables", workers);
    return new ApplyWorker(context, resources, new Tables(context), start, null, nothing, timer);
  }

  // ---- failures ----

  @Test
  void givesUpAServerThatIsAwayTooOften() {
    source.input(
        () -> {
          throw away;
        });

    assertThatThrownBy(() -> worker(ValueFormat.TEXT).run()).isSameAs(away);

    assertThat(retries)
        .containsExactly(
            "SOURCE_UNAVAILABLE 1 after 0 ns",
            "SOURCE_UNAVAILABLE 2 after 1 ns",
            "SOURCE_UNAVAILABLE 3 after 2 ns",
            "SOURCE_UNAVAILABLE 4 after 4 ns");
    assertThat(source.streams()).hasSize(2 + MAX_ATTEMPTS).allMatch(FakeStream::isClosed);
  }

  /** What failed before such a session has been overcome. */
  @Test
  void aSessionOfAMinuteBeginsToCountAgain() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.TEXT);
    source.input(
        () -> {
          if (source.streams().size() > 2 * MAX_ATTEMPTS) {
            worker.stop();
            return Input.NOTHING;
          }
          platform.advance(Duration.ofSeconds(61));
          throw away;
        });

    worker.run();

    assertThat(retries).hasSize(2 * MAX_ATTEMPTS).containsOnly("SOURCE_UNAVAILABLE 1 after 0 ns");
    assertThat(worker.status().reconnects()).isEqualTo(2 * MAX_ATTEMPTS);
  }

  @Test
  void aFailureThatWaitingDoesNotHelpEndsIt() {
    EtlException lost = new EtlException(ErrorKind.SLOT_LOST, "lost");
    source.input(
        () -> {
          throw lost;
        });

    assertThatThrownBy(() -> worker(ValueFormat.TEXT).run()).isSameAs(lost);

    assertThat(source.streams()).hasSize(1);
    assertThat(retries).isEmpty();
  }

  @Test
  void aFailureWhileStoppingIsNone() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.TEXT);
    source.input(
        () -> {
          worker.stop();
          throw new EtlException(ErrorKind.SLOT_LOST, "lost");
        });

    worker.run();

    assertThat(source.streams()).hasSize(1);
  }

  // ---- formats ----

  /** That is no failure: it counts as no attempt, and no one waits. */
  @Test
  void continuesInTextIfTheServerHasNoBinaryFormat() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.BINARY);
    source.input(
        () -> {
          if (source.lastStream().format() == ValueFormat.TEXT) {
            worker.stop();
            return Input.NOTHING;
          }
          source.lastStream().refuseBinary();
          throw new EtlException(ErrorKind.SOURCE_FAILED, "no binary output function");
        });

    worker.run();

    assertThat(source.formats()).containsExactly(ValueFormat.BINARY, ValueFormat.TEXT);
    assertThat(retries).isEmpty();
  }

  @Test
  void continuesInNoFormatOnceItIsStopped() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.BINARY);
    source.input(
        () -> {
          worker.stop();
          source.lastStream().refuseBinary();
          throw new EtlException(ErrorKind.SOURCE_FAILED, "no binary output function");
        });

    worker.run();

    assertThat(source.formats()).containsExactly(ValueFormat.BINARY);
    assertThat(worker.status().reconnects()).isZero();
  }

  /** Other failures of a binary stream say nothing about its format. */
  @Test
  void staysBinaryAfterOtherFailures() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.BINARY);
    source.input(
        () -> {
          if (source.streams().size() > 1) {
            worker.stop();
            return Input.NOTHING;
          }
          throw away;
        });

    worker.run();

    assertThat(source.formats()).containsExactly(ValueFormat.BINARY, ValueFormat.BINARY);
  }

  // ---- positions ----

  /** Nothing but what does not concern the pipeline, as fast as it can be read. */
  @Test
  void acknowledgesThoughTheStreamIsNeverIdle() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.TEXT);
    AtomicLong messages = new AtomicLong();
    AtomicBoolean acknowledged = new AtomicBoolean();
    source.input(
        () -> {
          long read = messages.incrementAndGet();
          platform.advance(Duration.ofMillis(1));
          source.lastStream().walEnd(START.plus(read << 12));
          if (!worker.stopping() && worker.durable().isAfter(START)) {
            acknowledged.set(true);
          }
          if (acknowledged.get() || read > 5_000_000) {
            worker.stop();
          }
          return Input.KEEPALIVE;
        });

    worker.run();

    assertThat(acknowledged).isTrue();
  }

  /** The stream is never idle, and no time passes: nothing is due because of its age. */
  @Test
  void acknowledgesAPositionThatIsWaitedForOnceItIsRead() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.TEXT);
    AtomicLong polls = new AtomicLong();
    AtomicLong wanted = new AtomicLong(Long.MAX_VALUE);
    source.input(
        () -> {
          long poll = polls.incrementAndGet();
          if (worker.stopping()) {
            platform.advance(Duration.ofMillis(1));
          }
          if (poll % 2 == 1) {
            return Input.NOTHING; // for now; the next poll would wait a moment
          }
          source.lastStream().walEnd(START.plus(poll));
          if (wanted.get() == Long.MAX_VALUE && worker.durable().isAfter(START)) {
            wanted.set(START.value() + poll + 1_000);
            worker.want(new Lsn(wanted.get()));
          }
          if (worker.durable().value() >= wanted.get() || poll == MANY) {
            worker.stop();
          }
          return Input.KEEPALIVE;
        });

    worker.run();

    assertThat(polls).hasValueLessThan(MANY);
  }

  @Test
  void noticesThatTheDeliveryFailedThoughTheStreamIsNeverIdle() {
    ApplyWorker worker = worker(ValueFormat.TEXT);
    EtlException broken = new EtlException(ErrorKind.STORE_CORRUPT, "broken");
    store.fail(broken);
    AtomicLong polls = new AtomicLong();
    source.input(
        () -> {
          long poll = polls.incrementAndGet();
          if (poll % 2 == 1) {
            return Input.NOTHING;
          }
          source.lastStream().walEnd(START.plus(poll));
          if (poll == MANY) {
            throw new AssertionError("it reads on");
          }
          return Input.KEEPALIVE;
        });

    assertThatThrownBy(worker::run).isSameAs(broken);
  }

  // ---- the end ----

  /** What was sent last may be lost if the connection is closed while there is unread input. */
  @Test
  void readsOnAtTheEndUntilTheServerHasThePosition() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.TEXT);
    source.input(
        () -> {
          if (!worker.stopping()) {
            worker.stop();
            source.confirmed(new Lsn(START.value() - 1));
          } else if (source.looks() > 3) {
            source.confirmed(START);
          }
          return Input.NOTHING;
        });

    worker.run();

    assertThat(source.looks()).as("looks at the slot").isEqualTo(5);
  }

  @Test
  void waitsASecondForThatAtMost() throws InterruptedException {
    ApplyWorker worker = worker(ValueFormat.TEXT);
    source.input(
        () -> {
          if (worker.stopping()) {
            platform.advance(Duration.ofMillis(200));
          }
          worker.stop();
          source.confirmed(new Lsn(START.value() - 1));
          return Input.NOTHING;
        });

    worker.run();

    assertThat(platform.nanos()).isBetween(1_000_000_000L, 1_200_000_000L);
  }

  @Test
  void aWaitForAPositionFailsOnceItIsStopped() {
    ApplyWorker worker = worker(ValueFormat.TEXT);
    worker.requireRunning(START);

    worker.stop();

    assertThatThrownBy(() -> worker.requireRunning(START))
        .isInstanceOfSatisfying(
            EtlException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessageContaining("the pipeline has ended");
  }
}
