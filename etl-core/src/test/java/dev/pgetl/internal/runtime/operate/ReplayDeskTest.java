package dev.pgetl.internal.runtime.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.Contexts;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.quarantine.ReplayResult;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ReplayDeskTest {
  private static final TableId ID = new TableId(7);
  private static final TableName NAME = new TableName("public", "orders");
  private static final WalEnd END = new WalEnd(1, new Lsn(0x200));
  private static final ReplayResult DONE = new ReplayResult(3, 0);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final PlainStore store = new PlainStore();
  private final PipelineContext context =
      Contexts.of(
          Contexts.config().build(), store, PipelineListener.NONE, new OneTable(), Platform.jvm());
  private final Tables tables = new Tables(context);
  private final CallGate calls = new CallGate(Platform.jvm());
  private final ReplayDesk desk = new ReplayDesk(context, tables, calls);

  ReplayDeskTest() {
    tables.known(ID, NAME, new Ready());
    store.storeTableSchema(TableSchema.builder(ID, NAME).build());
  }

  private static final class OneTable extends UnusedSource {
    @Override
    public WalEnd endOfWal() {
      return END;
    }

    @Override
    public List<PublishedTable> publishedTables(String publicationName) {
      return List.of(
          new PublishedTable(
              publicationName,
              ID,
              NAME,
              false,
              new PublishedTable.Columns(List.of(), ""),
              "",
              ReplicaIdentity.DEFAULT,
              new RowScope(1, "", "", "", "", Map.of())));
    }
  }

  /** The delivery thread: it looks for what is asked only if it is woken. */
  private void answerIfAsked() {
    if (desk.isAsked()) {
      desk.answer();
    }
  }

  @Test
  void aReplayGetsItsTurnAfterThePipelineWasPausedAndResumed() throws InterruptedException {
    AtomicBoolean paused = new AtomicBoolean();
    desk.begin(
        (position, nanos) -> true,
        () -> {
          if (paused.compareAndSet(false, true)) {
            calls.pause();
          } else {
            calls.resume();
          }
          answerIfAsked();
        });

    assertThat(desk.replay(NAME, LIMIT, (version, passed, still) -> DONE)).isEqualTo(DONE);
    assertThat(paused).isTrue();
  }

  /** A server was promoted: what this stream has passed says nothing of that position. */
  @Test
  void thePositionIsComparedWithItsTimeline() {
    EtlException otherTimeline = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "another timeline");
    desk.begin(
        new ApplyProgress() {
          @Override
          public boolean awaitDurable(Lsn position, long nanos) {
            return true;
          }

          @Override
          public boolean awaitPassed(WalEnd point, long nanos) {
            throw otherTimeline;
          }
        },
        this::answerIfAsked);

    assertThatThrownBy(() -> desk.replay(NAME, LIMIT, (version, passed, still) -> DONE))
        .isSameAs(otherTimeline);
  }

  /** A store that hangs stops the thread that asks for the replay, not the stream. */
  @Test
  void theDeliveryThreadDoesNotAskTheStore() throws InterruptedException {
    AtomicBoolean delivering = new AtomicBoolean();
    store.beforeSchemas(() -> assertThat(delivering).isFalse());
    desk.begin(
        (position, nanos) -> true,
        () -> {
          delivering.set(true);
          answerIfAsked();
          delivering.set(false);
        });

    assertThat(desk.replay(NAME, LIMIT, (version, passed, still) -> DONE)).isEqualTo(DONE);
  }

  @Test
  void aReplayThatGetsNoTurnFails() {
    desk.begin((position, nanos) -> true, () -> {});

    assertThatThrownBy(
            () -> desk.replay(NAME, Duration.ofMillis(50), (version, passed, still) -> DONE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("had no turn");
  }
}
