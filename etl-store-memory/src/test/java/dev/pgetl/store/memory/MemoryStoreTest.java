package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseRolledBack;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class MemoryStoreTest {
  private static final TableId USERS = new TableId(16384);
  private static final TableId ORDERS = new TableId(16385);

  /** A layer that counts, fails before or after it has written, and knows what it was asked. */
  private static final class ScriptedLayer implements PersistentLayer {
    private final InMemoryLayer inner = new InMemoryLayer();
    private final List<StoreChange> written = new ArrayList<>();
    private int reads;
    private boolean failBefore;
    private boolean failAfter;

    @Override
    public synchronized void write(StoreChange change) {
      failIf(failBefore);
      inner.write(change);
      written.add(change);
      failIf(failAfter);
    }

    private void failIf(boolean condition) {
      if (condition) {
        failBefore = false;
        failAfter = false;
        throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "write was made to fail");
      }
    }

    @Override
    public synchronized void read(Consumer<StoreChange> sink) {
      reads++;
      inner.read(sink);
    }
  }

  private final ScriptedLayer layer = new ScriptedLayer();
  private final MemoryStore store = new MemoryStore(layer);

  private static TableSchema schema(TableId id, long lsn, String... columns) {
    return TableSchema.builder(id, new TableName("public", "users"))
        .snapshotLsn(new Lsn(lsn))
        .columns(
            List.of(columns).stream()
                .map(name -> ColumnSchema.of(name, PgType.base(23, "int4")))
                .toList())
        .build();
  }

  private static ReplicationProgress progress(long lsn, int timeline) {
    return new ReplicationProgress("slot", new SlotLineage("7", timeline, Lsn.ZERO), new Lsn(lsn));
  }

  private void assertPhase(TableReplicationPhase expected) {
    assertPhase(expected, store);
  }

  private void assertPhase(TableReplicationPhase expected, MemoryStore current) {
    assertThat(current.getTableReplicationState(USERS)).contains(expected);
    MemoryStore other = new MemoryStore(layer);
    assertThat(other.getTableReplicationState(USERS)).isEmpty();
    other.loadTableReplicationStates();
    assertThat(other.getTableReplicationState(USERS)).contains(expected);
  }

  @Test
  void rollsBackThroughTheHistoryAlsoAfterReopening() {
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new DataSync());
    store.updateTableReplicationState(USERS, new DataSync());
    store.updateTableReplicationState(USERS, new FinishedCopy());
    assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(new DataSync());
    assertPhase(new DataSync());
    MemoryStore reopened = new MemoryStore(layer);
    assertThat(reopened.rollbackTableReplicationState(USERS)).isEqualTo(new Init());
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> reopened.rollbackTableReplicationState(USERS))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
    assertThat(reopened.getTableReplicationState(USERS)).contains(new Init());
  }

  @Test
  void keepsALimitedHistory() {
    for (int i = 1; i <= 250; i++) {
      store.updateTableReplicationState(USERS, new SyncDone(new Lsn(i)));
    }
    for (int i = 249; i > 150; i--) {
      assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(new SyncDone(new Lsn(i)));
    }
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> store.rollbackTableReplicationState(USERS));
  }

  @Test
  void writesThatChangeNothingDoNotReachTheLayer() {
    store.updateTableReplicationState(USERS, new Ready());
    store.updateTableReplicationState(USERS, new Ready());
    store.storeTableSchema(schema(USERS, 1, "id"));
    store.storeTableSchema(schema(USERS, 1, "id"));
    store.storeTableMapping(USERS, "users");
    store.storeTableMapping(USERS, "users");
    store.storeReplicationProgress(progress(5, 1));
    store.storeReplicationProgress(progress(5, 1));
    store.storeReplicationProgress(progress(4, 1));
    store.deleteReplicationProgress("other");
    store.storeCopyRanges(USERS, "a to b");
    store.storeCopyRanges(USERS, "a to b");
    store.deleteCopyRanges(ORDERS);
    store.cleanupTableState(ORDERS);
    assertThat(store.pruneTableSchemas(Map.of(USERS, new Lsn(1), ORDERS, new Lsn(1)))).isZero();
    assertThat(layer.written).hasSize(5);
  }

  @Test
  void knowsTheStoredPositionEvenIfNobodyLoadedIt() {
    store.storeReplicationProgress(progress(5, 1));
    MemoryStore reopened = new MemoryStore(layer);
    reopened.storeReplicationProgress(progress(4, 1));
    assertThat(reopened.getReplicationProgress("slot")).contains(progress(5, 1));
    reopened.storeReplicationProgress(progress(3, 2));
    assertThat(reopened.getReplicationProgress("slot")).contains(progress(3, 2));
  }

  @Test
  void prunesAllButWhatThePositionNeeds() {
    for (long lsn : new long[] {10, 20, 30, 40}) {
      store.storeTableSchema(schema(USERS, lsn, "id"));
    }
    assertThat(store.pruneTableSchemas(Map.of(USERS, new Lsn(9)))).isZero();
    assertThat(store.pruneTableSchemas(Map.of(USERS, new Lsn(35)))).isEqualTo(2);
    assertThat(store.getTableSchema(USERS, new Lsn(29))).isEmpty();
    assertThat(store.getTableSchema(USERS, new Lsn(35))).contains(schema(USERS, 30, "id"));
    assertThat(new MemoryStore(layer).loadTableSchemas()).isEqualTo(2);
  }

  @Test
  void ordersVersionsByPositionNotByTimeAndUnsigned() {
    store.storeTableSchema(schema(USERS, -1, "id", "last"));
    store.storeTableSchema(schema(USERS, 1, "id"));
    assertThat(store.getTableSchema(USERS)).contains(schema(USERS, -1, "id", "last"));
    assertThat(store.getTableSchemas()).containsExactly(schema(USERS, -1, "id", "last"));
    assertThat(store.getTableSchema(USERS, new Lsn(Long.MAX_VALUE)))
        .contains(schema(USERS, 1, "id"));
  }

  @Test
  void aWriteThatFailedBeforeItHappenedChangesNothing() {
    store.updateTableReplicationState(USERS, new Init());
    layer.failBefore = true;
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> store.updateTableReplicationState(USERS, new DataSync()));
    assertPhase(new Init());
    store.updateTableReplicationState(USERS, new DataSync());
    assertPhase(new DataSync());
  }

  @Test
  void aWriteThatFailedAfterItHappenedIsNotDoneTwice() {
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new DataSync());
    layer.failAfter = true;
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> store.updateTableReplicationState(USERS, new FinishedCopy()));
    assertThat(store.getTableReplicationState(USERS)).contains(new DataSync());
    store.updateTableReplicationState(USERS, new FinishedCopy());
    assertPhase(new FinishedCopy());
    layer.failAfter = true;
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> store.rollbackTableReplicationState(USERS));
    assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(new Init());
    assertPhase(new Init());
  }

  /** The layer's write of a phase happens, and fails once the test lets it. */
  @Test
  void aWriteThatWaitedBehindAFailedOneDoesNotTrustTheCache() throws Exception {
    CountDownLatch happened = new CountDownLatch(1);
    CountDownLatch fail = new CountDownLatch(1);
    PersistentLayer losingAnAnswer =
        new PersistentLayer() {
          @Override
          public void write(StoreChange change) {
            layer.write(change);
            if (change.equals(new PhaseStored(USERS, new FinishedCopy()))) {
              happened.countDown();
              awaitQuietly(fail);
              throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "answer was lost");
            }
          }

          @Override
          public void read(Consumer<StoreChange> sink) {
            layer.read(sink);
          }
        };
    MemoryStore raced = new MemoryStore(losingAnAnswer);
    raced.updateTableReplicationState(USERS, new Init());
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<?> first =
          executor.submit(() -> raced.updateTableReplicationState(USERS, new FinishedCopy()));
      happened.await();
      Thread second = new Thread(() -> raced.updateTableReplicationState(USERS, new Init()));
      second.start();
      await().until(() -> second.getState() == Thread.State.BLOCKED);
      fail.countDown();
      second.join();
      assertThatExceptionOfType(ExecutionException.class).isThrownBy(first::get);
    } finally {
      executor.shutdownNow();
    }
    assertPhase(new Init(), raced);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void readsTheLayerOncePerSectionUnlessAWriteFailed() {
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new Ready());
    store.updateTableReplicationState(ORDERS, new Init());
    assertThat(layer.reads).isEqualTo(1);
    layer.failBefore = true;
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> store.updateTableReplicationState(USERS, new Init()));
    store.updateTableReplicationState(ORDERS, new Ready());
    assertThat(layer.reads).isEqualTo(2);
  }

  @Test
  void refusesPhasesThatAreNeverStored() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.updateTableReplicationState(USERS, new Catchup(Lsn.ZERO)));
    assertThat(layer.written).isEmpty();
  }

  @Test
  void forgetsATableAndNothingElse() {
    for (TableId id : List.of(USERS, ORDERS)) {
      store.updateTableReplicationState(id, new Init());
      store.updateTableReplicationState(id, new Ready());
      store.storeTableSchema(schema(id, 1, "id"));
      store.storeTableMapping(id, "t" + id);
      store.storeCopyRanges(id, "ranges of " + id);
    }
    store.storeReplicationProgress(progress(1, 1));
    store.cleanupTableState(USERS);
    store.cleanupTableState(USERS);
    MemoryStore reopened = new MemoryStore(layer);
    assertThat(reopened.loadTableReplicationStates()).isEqualTo(1);
    assertThat(reopened.loadTableSchemas()).isEqualTo(1);
    assertThat(reopened.loadTableMappings()).isEqualTo(1);
    assertThat(reopened.loadReplicationProgress()).isEqualTo(1);
    assertThat(reopened.loadCopyRanges()).isEqualTo(1);
    assertThat(reopened.getTableMappings()).containsOnlyKeys(ORDERS);
    store.updateTableReplicationState(USERS, new Init());
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> store.rollbackTableReplicationState(USERS));
  }

  @Test
  void forgetsRangesThatWereNeverLoaded() {
    store.storeCopyRanges(USERS, "a to b");
    new MemoryStore(layer).cleanupTableState(USERS);
    assertThat(store.loadCopyRanges()).isZero();
  }

  /** A store of a user: it logs what happened and forbids a name. */
  private static final class WatchedStore extends MemoryStore {
    private final List<StoreChange> seen = new ArrayList<>();
    private @Nullable StoreChange forbidden;

    WatchedStore(PersistentLayer layer) {
      super(layer);
    }

    @Override
    protected void beforeWrite(StoreChange change) {
      if (change.equals(forbidden)) {
        throw new IllegalStateException("forbidden");
      }
    }

    @Override
    protected void afterWrite(StoreChange change) {
      seen.add(change);
    }
  }

  @Test
  void hooksSeeWhatHappenedAndMayForbidIt() {
    WatchedStore watched = new WatchedStore(layer);
    watched.updateTableReplicationState(USERS, new Init());
    watched.updateTableReplicationState(USERS, new Ready());
    watched.updateTableReplicationState(USERS, new Ready());
    watched.forbidden = new MappingStored(USERS, "secret");
    assertThatIllegalStateException().isThrownBy(() -> watched.storeTableMapping(USERS, "secret"));
    watched.rollbackTableReplicationState(USERS);
    assertThat(watched.getTableMapping(USERS)).isEmpty();
    assertThat(watched.seen)
        .isEqualTo(layer.written)
        .containsExactly(
            new PhaseStored(USERS, new Init()),
            new PhaseStored(USERS, new Ready()),
            new PhaseRolledBack(USERS));
  }

  @Test
  void logsEveryOperationAtDebug() {
    Logger logger = (Logger) LoggerFactory.getLogger(MemoryStore.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    try {
      operations().forEach(Runnable::run);
    } finally {
      logger.setLevel(null);
      logger.setAdditive(true);
      logger.detachAppender(log);
    }
    assertThat(log.list).hasSizeGreaterThanOrEqualTo(operations().size());
    assertThat(log.list).allMatch(event -> event.getLevel() == Level.DEBUG);
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .contains("loaded PHASES: 0", "phase of table 16384: Optional[Init[]]")
        .contains("stored: CopyRangesStored[table=16384, 6 characters]");
    assertThat(log.list)
        .as("values of keys are kept out")
        .noneMatch(event -> event.getFormattedMessage().contains("a to b"));
  }

  private List<Runnable> operations() {
    return List.of(
        store::loadTableReplicationStates,
        store::loadTableSchemas,
        store::loadTableMappings,
        store::loadReplicationProgress,
        store::loadCopyRanges,
        () -> store.updateTableReplicationState(USERS, new Init()),
        () -> store.getTableReplicationState(USERS),
        store::getTableReplicationStates,
        () -> store.updateTableReplicationState(USERS, new Ready()),
        () -> store.rollbackTableReplicationState(USERS),
        () -> store.storeTableSchema(schema(USERS, 1, "id")),
        () -> store.getTableSchema(USERS),
        () -> store.getTableSchema(USERS, Lsn.ZERO),
        store::getTableSchemas,
        () -> store.pruneTableSchemas(Map.of()),
        () -> store.storeTableMapping(USERS, "users"),
        () -> store.getTableMapping(USERS),
        store::getTableMappings,
        () -> store.storeReplicationProgress(progress(1, 1)),
        () -> store.getReplicationProgress("slot"),
        () -> store.deleteReplicationProgress("slot"),
        () -> store.storeCopyRanges(USERS, "a to b"),
        () -> store.getCopyRanges(USERS),
        () -> store.deleteCopyRanges(USERS),
        () -> store.cleanupTableState(USERS));
  }

  @Test
  void cacheAndLayerAgreeAfterManyThreadsWrote() throws Exception {
    int threads = 8;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        running.add(executor.submit(() -> writeAndLoad(thread)));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } finally {
      executor.shutdownNow();
    }
    Map<TableId, TableReplicationPhase> cached = store.getTableReplicationStates();
    MemoryStore reopened = new MemoryStore(layer);
    reopened.loadTableReplicationStates();
    assertThat(reopened.getTableReplicationStates()).isEqualTo(cached).hasSize(3);
  }

  private void writeAndLoad(int thread) {
    for (int i = 0; i < 2000; i++) {
      TableId table = new TableId(1 + i % 3);
      TableReplicationPhase phase = new SyncDone(new Lsn(thread * 10_000L + i));
      store.updateTableReplicationState(table, phase);
      if (i % 100 == thread) {
        store.loadTableReplicationStates();
      }
    }
  }
}
