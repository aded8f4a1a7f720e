package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.FakeStream;
import dev.pgetl.internal.capture.OneSlotSource;
import dev.pgetl.internal.capture.WalStream.Input;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.estimate.CopyCosts;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.range.CopyOrigin;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.runtime.stream.StreamFormat;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stream of a table sync worker: begins at START; server and apply worker are at NOW. */
class CatchUpTest {
  private static final TableId ID = new TableId(7);
  private static final Lsn START = new Lsn(0x100);
  private static final Lsn NOW = new Lsn(0x200);
  private static final Lsn LATER = new Lsn(0x400);
  private static final Lsn FAR = NOW.plus(16 << 20);
  private static final long INT4 = 23;

  private final EtlException storeAway = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
  private final EtlException away = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "away");
  private final List<Throwable> unexpected = new CopyOnWriteArrayList<>();
  private final Worker.Factory workers =
      new Worker.Factory("shop", Platform.jvm(), unexpected::add);
  private final PlainStore store = new PlainStore();
  private final OneSlotSource source = new OneSlotSource("pgetl_sync_shop_7", START);
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final PipelineContext context =
      new PipelineContext(
          PipelineConfig.builder(
                  "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
              .build(),
          store,
          new NoChanges(),
          new Listener(),
          source,
          () -> {
            throw new UnsupportedOperationException();
          },
          Platform.jvm());
  private final Tables tables = new Tables(context);
  private Runnable whenFenced = () -> {};

  @BeforeEach
  void begin() {
    tables.known(ID, new TableName("public", "orders"), new FinishedCopy());
    tables.startAt(NOW);
    source.currentWal(NOW);
    store.storeReplicationProgress(
        new ReplicationProgress("pgetl_sync_shop_7", new SlotLineage("cluster", 1, START), START));
  }

  @AfterEach
  void nothingUnexpected() {
    assertThat(unexpected).isEmpty();
  }

  private final class Listener implements PipelineListener {
    @Override
    public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
      if (phase instanceof Catchup) {
        whenFenced.run();
      }
    }

    @Override
    public void onRetry(EtlException failure, int attempt, Duration delay) {
      assertThat(failure).isSameAs(storeAway);
      stopped.set(true);
    }
  }

  private static final class NoChanges implements Destination {
    @Override
    public void truncateTable(TableSchema schema) {
      throw new UnsupportedOperationException();
    }

    @Override
    public WriteResult writeTableRows(TableSchema schema, List<TableRow> rows) {
      throw new UnsupportedOperationException();
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new UnsupportedOperationException();
    }
  }

  private CatchUp catchUp(ValueFormat format) {
    StreamResources resources =
        new StreamResources(
            new ByteBudget(1 << 20),
            new CopyPace(() -> 0, Platform.jvm()),
            new CopyCosts(Platform.jvm()),
            new Backoff(Duration.ofDays(1), 1, new Random(1)),
            new CallGate(Platform.jvm()),
            new StreamFormat(format),
            workers);
    Table table = Objects.requireNonNull(tables.find(ID));
    return new CatchUp(context, resources, tables, table, stopped::get);
  }

  private Input keepalive(Lsn at) {
    source.lastStream().walEnd(at);
    return Input.KEEPALIVE;
  }

  private static EtlException noBinaryFormat(FakeStream stream) {
    stream.refuseBinary();
    return new EtlException(ErrorKind.SOURCE_FAILED, "no binary output function");
  }

  private Lsn stored() {
    return store.getReplicationProgress("pgetl_sync_shop_7").orElseThrow().flushedLsn();
  }

  @Test
  void endsWhereTheApplyWorkerIs() throws InterruptedException {
    source.input(() -> keepalive(NOW));

    assertThat(catchUp(ValueFormat.BINARY).run()).contains(NOW);

    assertThat(stored()).isEqualTo(NOW);
    assertThat(source.lastStream().confirmed()).isEqualTo(NOW);
    assertThat(source.lastStream().isClosed()).isTrue();
  }

  @Test
  void aFailureOfTheStreamIsTheTables() {
    source.input(
        () -> {
          throw away;
        });

    assertThatThrownBy(() -> catchUp(ValueFormat.BINARY).run()).isSameAs(away);

    assertThat(source.formats()).containsExactly(ValueFormat.BINARY);
  }

  @Test
  void preparesTheServerForLargeRowsIfThereIsMuchToRead() throws InterruptedException {
    tables.startAt(FAR);
    source.currentWal(FAR);
    source.input(() -> keepalive(FAR));

    assertThat(catchUp(ValueFormat.TEXT).run()).contains(FAR);

    assertThat(source.preparations()).isEqualTo(1);
  }

  /** The preparation takes the server 15 ms. */
  @Test
  void doesNotPrepareTheServerForLargeRowsIfThereIsLittleToRead() throws InterruptedException {
    source.input(() -> keepalive(NOW));

    assertThat(catchUp(ValueFormat.TEXT).run()).contains(NOW);

    assertThat(source.preparations()).isZero();
  }

  /** A range was copied at a position that the server does not know any more. */
  @Test
  void theHistoryOfARangeIsLostIfTheServerEndsBeforeIt() {
    copiedInRanges(START, LATER);
    source.input(
        () -> {
          stopped.set(true);
          return Input.NOTHING;
        });

    EtlException lost =
        catchThrowableOfType(EtlException.class, () -> catchUp(ValueFormat.TEXT).run());

    assertThat(lost.kind()).isEqualTo(ErrorKind.SLOT_LOST);
    assertThat(lost).hasMessageContaining("the server was set back");
    assertThat(source.formats()).isEmpty();
  }

  /** By the next start the server may have written past the position. */
  @Test
  void aPositionBehindTheEndOfTheServerIsForgotten() {
    store.storeReplicationProgress(
        new ReplicationProgress("pgetl_sync_shop_7", new SlotLineage("cluster", 1, START), LATER));

    EtlException lost =
        catchThrowableOfType(EtlException.class, () -> catchUp(ValueFormat.TEXT).run());

    assertThat(lost.kind()).isEqualTo(ErrorKind.SLOT_LOST);
    assertThat(store.getReplicationProgress("pgetl_sync_shop_7")).isEmpty();
  }

  private void copiedInRanges(Lsn below, Lsn above) {
    CopyOrigin origin = new CopyOrigin(new SlotLineage("cluster", 1, START), START, "shape", false);
    List<KeyRange> keys = List.of(new KeyRange("id", null, "5"), new KeyRange("id", "5", null));
    CopyRanges ranges =
        CopyRanges.planned(origin, keys).finished(0, below, 1, 1).finished(1, above, 1, 1);
    store.storeCopyRanges(ID, CopyRangesText.of(ranges));
    store.storeTableSchema(
        TableSchema.builder(ID, new TableName("public", "orders"))
            .snapshotLsn(START)
            .columns(
                List.of(
                    ColumnSchema.builder("id", BuiltinTypes.find(INT4).orElseThrow())
                        .inReplicaIdentity(true)
                        .build()))
            .build());
  }

  // ---- formats ----

  @Test
  void continuesInTextIfTheServerHasNoBinaryFormat() throws InterruptedException {
    source.input(
        () -> {
          FakeStream stream = source.lastStream();
          if (stream.format() == ValueFormat.BINARY) {
            throw noBinaryFormat(stream);
          }
          return keepalive(NOW);
        });

    assertThat(catchUp(ValueFormat.BINARY).run()).contains(NOW);

    assertThat(source.formats()).containsExactly(ValueFormat.BINARY, ValueFormat.TEXT);
    assertThat(source.streams()).allMatch(FakeStream::isClosed);
  }

  /** What the first session read is not durable yet; the second would begin before it. */
  @Test
  void continuesInNoFormatIfItIsStoppedMeanwhile() throws InterruptedException {
    store.fail(storeAway);
    source.input(
        () -> {
          FakeStream stream = source.lastStream();
          if (stream.walEnd() == 0) {
            return keepalive(new Lsn(0x180));
          }
          throw noBinaryFormat(stream);
        });

    assertThat(catchUp(ValueFormat.BINARY).run()).isEmpty();

    assertThat(source.formats()).containsExactly(ValueFormat.BINARY);
  }

  // ---- the end ----

  @Test
  void endsNowhereIfItIsStopped() throws InterruptedException {
    source.input(
        () -> {
          stopped.set(true);
          return Input.NOTHING;
        });

    assertThat(catchUp(ValueFormat.TEXT).run()).isEmpty();
  }

  /** Up to the fence all was read, but the store does not know. */
  @Test
  void endsNowhereIfItIsStoppedBeforeAllIsDurable() throws InterruptedException {
    whenFenced = () -> store.fail(storeAway);
    tables.begin(new Lsn(0x300));
    source.input(() -> keepalive(source.lastStream().walEnd() == 0 ? NOW : LATER));

    assertThat(catchUp(ValueFormat.TEXT).run()).isEmpty();

    assertThat(stored()).isEqualTo(NOW);
  }

  @Test
  void anAbortCutsTheStream() {
    CatchUp catchUp = catchUp(ValueFormat.TEXT);
    catchUp.abort(); // there is none yet
    AtomicBoolean cut = new AtomicBoolean();
    source.input(
        () -> {
          catchUp.abort();
          stopped.set(true);
          cut.set(source.lastStream().isClosed());
          return Input.NOTHING;
        });

    Throwable unused = catchThrowable(catchUp::run); // if the delivery is the first to notice

    assertThat(cut).isTrue();
  }
}
