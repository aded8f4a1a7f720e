package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.stream.StreamFormat;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.StateStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sync workers that come as far as a server would have to answer. */
class SyncWorkersTest {
  private static final TableId ID = new TableId(7);
  private static final TableName NAME = new TableName("public", "orders");
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final Errored REFUSED = new Errored("no", "", RetryDirective.MANUAL, 1);

  private final FakeStateStore store = new FakeStateStore();
  private final FakeSource source = new FakeSource(this::asked);
  private final List<TableId> begun = new CopyOnWriteArrayList<>();
  private final List<String> retries = new CopyOnWriteArrayList<>();
  private final List<Throwable> unexpected = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private final Worker.Factory workers =
      new Worker.Factory("shop", Platform.jvm(), unexpected::add);
  private final TaskTimer timer = new TaskTimer("supervisor", workers);
  private final PipelineContext context = context();
  private final Tables tables = new Tables(context);

  private volatile Consumer<TableId> answer = this::hang;
  private volatile CountDownLatch holding = new CountDownLatch(0);
  private volatile boolean interrupting;

  private final SyncWorkers syncs =
      new SyncWorkers(
          context,
          new StreamResources(
              new ByteBudget(1 << 20),
              new Backoff(Duration.ofMillis(1), 2, new Random(1)),
              new StreamFormat(ValueFormat.TEXT),
              workers),
          tables,
          this::isPassed,
          timer);

  @AfterEach
  void end() {
    released.countDown();
    timer.stop();
    syncs.stop();
    syncs.giveUp();
  }

  private PipelineContext context() {
    return new PipelineContext(
        PipelineConfig.builder(
                "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
            .maxTableSyncWorkers(2)
            .build(),
        pipelineStore(),
        proxy(Destination.class, (method, arguments) -> "fake"),
        new Listener(),
        source,
        Copier::new,
        Platform.jvm());
  }

  /** A table's states are kept; nothing else is asked for. */
  private PipelineStore pipelineStore() {
    return proxy(
        PipelineStore.class,
        (method, arguments) ->
            method.getDeclaringClass().equals(StateStore.class)
                ? method.invoke(store, arguments)
                : null);
  }

  private interface Call {
    @Nullable Object made(Method method, Object[] arguments) throws ReflectiveOperationException;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              try {
                return call.made(method, arguments);
              } catch (InvocationTargetException e) {
                throw Objects.requireNonNull(e.getCause());
              }
            }));
  }

  /** Records retries; throws whenever it can, which must not matter. */
  private final class Listener implements PipelineListener {
    @Override
    public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
      throw new IllegalStateException("test");
    }

    @Override
    public void onRetry(EtlException failure, int attempt, Duration delay) {
      retries.add(failure.kind() + " " + attempt);
      throw new IllegalStateException("test");
    }
  }

  /** Has nothing to copy. */
  private static final class Copier implements TableCopier {
    @Override
    public TableCopy begin(
        PublishedTable table, String slotName, int maxConnections, ValueFormat format) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void abort() {}
  }

  private void asked(TableId id) {
    begun.add(id);
    answer.accept(id);
  }

  private void hang(TableId id) {
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new EtlException(ErrorKind.SOURCE_PERMISSION, "copying table " + id + " failed");
  }

  private boolean isPassed(Lsn position, long nanos) throws InterruptedException {
    if (interrupting) {
      throw new InterruptedException("test");
    }
    return holding.await(nanos, TimeUnit.NANOSECONDS);
  }

  /** From now on sync workers fail, so many of them; the others hang. */
  private void fail(ErrorKind kind, int times) {
    CountDownLatch left = new CountDownLatch(times);
    answer =
        id -> {
          if (left.getCount() == 0) {
            hang(id);
          }
          left.countDown();
          throw new EtlException(kind, "copying failed");
        };
  }

  private void awaitBegun(int workers) {
    await().untilAsserted(() -> assertThat(begun).hasSize(workers));
  }

  private static Errored errored(RetryDirective retry, int attempt) {
    return errored(ErrorKind.SOURCE_FAILED, retry, attempt);
  }

  private static Errored errored(ErrorKind kind, RetryDirective retry, int attempt) {
    String solution = retry == RetryDirective.TIMED ? "" : "Fix the cause, then resync the table.";
    return new Errored("copying failed", solution, retry, attempt, kind);
  }

  private List<Integer> attempts() {
    return store.history(ID).stream()
        .filter(Errored.class::isInstance)
        .map(phase -> ((Errored) phase).attempt())
        .toList();
  }

  private Table known(TableReplicationPhase phase) {
    tables.known(ID, NAME, phase);
    return Objects.requireNonNull(tables.find(ID));
  }

  // ---- so many at a time ----

  @Test
  void runsAsManyAtATimeAsConfigured() {
    for (int i = 1; i <= 5; i++) {
      syncs.schedule(tables.add(new TableId(i), NAME));
    }
    awaitBegun(2);
    assertThat(tables.all().stream().filter(table -> table.syncRun() != null)).hasSize(2);

    released.countDown();

    awaitBegun(5);
    await().until(() -> tables.all().stream().allMatch(table -> table.syncRun() == null));
  }

  @Test
  void aTableHasOneWorkerAtATime() {
    Table table = tables.add(ID, NAME);
    syncs.schedule(table);
    awaitBegun(1);

    syncs.schedule(table);
    syncs.schedule(table);
    assertThat(begun).hasSize(1);
    released.countDown();

    await().until(() -> table.syncRun() == null);
    assertThat(table.phase()).isInstanceOf(Errored.class);
  }

  @Test
  void continuesAtTheStartWithWhatMayContinue() {
    syncs.resume(known(new Ready()));
    syncs.resume(known(new SyncDone(new Lsn(1))));
    syncs.resume(known(REFUSED));
    Table retried = known(errored(RetryDirective.TIMED, 1));

    syncs.resume(retried); // at once: when the retry was due is not stored

    awaitBegun(1);
    assertThat(retried.phase()).isEqualTo(new Init());
  }

  // ---- failures ----

  @Test
  void aFailureIsStoredAndRetried() {
    fail(ErrorKind.SOURCE_FAILED, 1);

    syncs.schedule(tables.add(ID, NAME));

    awaitBegun(2);
    assertThat(store.history(ID))
        .containsExactly(new Init(), errored(RetryDirective.TIMED, 1), new Init());
    assertThat(retries).containsExactly("SOURCE_FAILED 1");
  }

  @Test
  void afterTheLastAttemptManualInterventionIsRequired() {
    fail(ErrorKind.SOURCE_FAILED, 3);

    Table table = tables.add(ID, NAME);
    syncs.schedule(table);

    await().until(() -> table.life().needsManualRetry() && table.syncRun() == null);
    assertThat(begun).hasSize(3);
    assertThat(table.phase()).isEqualTo(errored(RetryDirective.MANUAL, 3));
    assertThat(source.droppedSlots()).containsExactly("pgetl_sync_shop_7");
    assertThat(retries).containsExactly("SOURCE_FAILED 1", "SOURCE_FAILED 2");
  }

  /** That is not the table's fault. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "SOURCE_UNAVAILABLE",
        "SOURCE_BUSY",
        "SLOT_IN_USE",
        "DESTINATION_UNAVAILABLE",
        "STORE_UNAVAILABLE"
      })
  void whatIsAwayIsRetriedUntilItIsBack(ErrorKind kind) {
    fail(kind, 4);

    syncs.schedule(tables.add(ID, NAME));

    awaitBegun(5);
    assertThat(store.history(ID)).contains(errored(kind, RetryDirective.TIMED, 4));
  }

  /** An outage must not use up the attempts of what comes after it. */
  @Test
  void anOutageCountsAgainstNoOtherFailure() {
    answer =
        id -> {
          if (begun.size() > 5) {
            hang(id);
          }
          throw new EtlException(
              begun.size() < 5 ? ErrorKind.SOURCE_BUSY : ErrorKind.SOURCE_FAILED, "copying failed");
        };

    syncs.schedule(tables.add(ID, NAME));

    awaitBegun(6);
    assertThat(attempts()).containsExactly(1, 2, 3, 4, 1);
  }

  /** One rule, whether a copy or the stream met the failure. */
  @ParameterizedTest
  @EnumSource(names = {"MANUAL", "NONE"})
  void whatIsNotRetriedSaysWhatToDo(RetryDirective directive) {
    answer =
        id -> {
          throw new EtlException(ErrorKind.DESTINATION_REJECTED, "copying failed")
              .withRetry(directive);
        };
    Table table = tables.add(ID, NAME);

    syncs.schedule(table);

    await().until(() -> table.life().needsManualRetry());
    assertThat(table.phase()).isEqualTo(errored(ErrorKind.DESTINATION_REJECTED, directive, 1));
  }

  /** Without that it would be copied for ever. */
  @Test
  void aTableThatLosesItsSlotAgainAndAgainRequiresManualIntervention() {
    fail(ErrorKind.SLOT_LOST, 3);
    Table table = tables.add(ID, NAME);

    syncs.schedule(table);

    await().until(() -> table.life().needsManualRetry());
    assertThat(attempts()).containsExactly(1, 2, 3);
  }

  /** A class is missing, or a stack is too deep: the other tables have nothing to do with it. */
  @Test
  void anErrorConcernsTheTableThatMetIt() {
    answer =
        id -> {
          throw new NoClassDefFoundError("a/B");
        };
    Table table = tables.add(ID, NAME);

    syncs.schedule(table);

    await().until(() -> table.life().needsManualRetry());
    assertThat(table.phase())
        .isInstanceOfSatisfying(
            Errored.class,
            errored -> {
              assertThat(errored.kind()).isEqualTo(ErrorKind.INTERNAL);
              assertThat(errored.reason()).endsWith("java.lang.NoClassDefFoundError: a/B");
            });
    assertThat(unexpected).isEmpty();
  }

  @Test
  void aTableWhoseSlotIsLostIsCopiedAgain() {
    fail(ErrorKind.SLOT_LOST, 1);

    syncs.schedule(known(new TableReplicationPhase.DataSync()));

    awaitBegun(2);
    assertThat(store.history(ID))
        .containsExactly(
            new Init(),
            new Errored(
                "copying failed; the table is resynced",
                "",
                RetryDirective.TIMED,
                1,
                ErrorKind.SOURCE_FAILED),
            new Init());
  }

  @Test
  void aFailureThatCannotBeStoredCountsAsNoAttempt() {
    Table table = tables.add(ID, NAME);
    EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
    answer =
        id -> {
          if (begun.size() > 1) {
            hang(id);
          }
          store.fail(away);
          throw new EtlException(ErrorKind.SOURCE_FAILED, "copying failed");
        };

    syncs.schedule(table);

    awaitBegun(2);
    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(table.life().failures()).isZero();
    assertThat(retries).containsExactly("STORE_UNAVAILABLE 1");
    assertThat(unexpected).isEmpty();
  }

  @Test
  void aStoreThatIsBrokenEndsThePipeline() {
    EtlException corrupt = new EtlException(ErrorKind.STORE_CORRUPT, "corrupt");
    Table table = tables.add(ID, NAME);
    store.fail(corrupt);
    fail(ErrorKind.SOURCE_FAILED, 1);

    syncs.schedule(table);

    await().untilAsserted(() -> assertThat(unexpected).containsExactly(corrupt));
  }

  @Test
  void anInterruptionByAnExtensionIsAFailureOfTheTable() throws InterruptedException {
    Table table = known(new Ready());
    interrupting = true;

    syncs.resync(table);

    await().until(() -> table.life().needsManualRetry());
    assertThat(table.phase())
        .isInstanceOfSatisfying(
            Errored.class,
            errored -> assertThat(errored.reason()).contains("was interrupted by an extension"));
    assertThat(unexpected).isEmpty();
  }

  /** Changes of the table that it still holds would overwrite the copy. */
  @Test
  void theCopyWaitsUntilTheApplyWorkerHoldsNothingOfTheTable() throws InterruptedException {
    Table table = known(new Ready());
    table.refuse(new Lsn(1));
    holding = new CountDownLatch(1);

    syncs.resync(table);
    await().until(() -> table.syncRun() != null);
    assertThat(begun).isEmpty();
    assertThat(table.isRefused()).isTrue();
    holding.countDown();

    awaitBegun(1);
    assertThat(table.isRefused()).isFalse();
  }

  // ---- what an operator wants ----

  @Test
  void aResyncBeginsFromTheStart() throws InterruptedException {
    Table table = known(REFUSED);

    syncs.resync(table);

    awaitBegun(1);
    assertThat(store.history(ID)).containsExactly(new Init());
    assertThat(table.life().failures()).isZero();
  }

  @Test
  void aResyncThatCannotBeStoredBeginsWhenTheStoreIsBack() throws InterruptedException {
    Table table = known(new Ready());
    store.fail(new EtlException(ErrorKind.STORE_UNAVAILABLE, "away"));
    syncs.resync(table);
    assertThat(table.phase()).isEqualTo(new Ready());

    store.fail(null);

    awaitBegun(1);
    assertThat(store.history(ID)).containsExactly(new Init());
  }

  /** Two writers would get in each other's way. */
  @Test
  void aResyncWaitsForTheCallInWhichTheWorkerHangs() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    answer = id -> awaitUninterrupted(answered);
    Table table = tables.add(ID, NAME);
    syncs.schedule(table);
    awaitBegun(1);

    syncs.resync(table);
    assertThat(begun).hasSize(1);
    answer = this::hang;
    answered.countDown();

    awaitBegun(2);
    assertThat(store.history(ID)).containsExactly(new Init(), new Init());
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException ignored) {
        // as a destination may do
      }
    }
  }

  @Test
  void aForgottenTableHasNoWorkerAndGetsNone() throws InterruptedException {
    released.countDown();
    Table table = tables.add(ID, NAME);
    assertThat(syncs.forget(table, tables::remove)).isTrue();
    assertThat(tables.all()).isEmpty();

    syncs.schedule(table);

    await().until(() -> table.syncRun() == null);
    assertThat(begun).isEmpty();
  }

  // ---- the end ----

  @Test
  void stoppingEndsAllWorkersAndStartsNone() throws InterruptedException {
    Table table = tables.add(ID, NAME);
    syncs.schedule(table);
    awaitBegun(1);

    syncs.stop();
    syncs.schedule(tables.add(new TableId(8), NAME));
    assertThat(syncs.await(1)).isFalse();
    syncs.giveUp();

    assertThat(syncs.await(PATIENCE_NANOS)).isTrue();
    assertThat(begun).containsExactly(ID);
    assertThat(table.phase()).as("it did not fail").isEqualTo(new Init());
    assertThat(unexpected).isEmpty();
  }
}
