package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.estimate.CopyCosts;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.stream.StreamFormat;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.FakeSource;
import dev.pgetl.internal.runtime.table.FakeStateStore;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
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
import dev.pgetl.wal.Lsn;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sync workers that come as far as a server would have to answer, and what a test sees of them. */
class SyncScene implements AutoCloseable {
  static final TableId ID = new TableId(7);
  static final TableName NAME = new TableName("public", "orders");

  final FakeStateStore store = new FakeStateStore();
  final FakeSource source = new FakeSource(this::asked);
  final List<TableId> begun = new CopyOnWriteArrayList<>();
  final List<String> retries = new CopyOnWriteArrayList<>();
  final List<Throwable> unexpected = new CopyOnWriteArrayList<>();
  final CountDownLatch released = new CountDownLatch(1);
  private final Worker.Factory workers =
      new Worker.Factory("shop", Platform.jvm(), unexpected::add);
  private final TaskTimer timer = new TaskTimer("supervisor", workers);
  private final PipelineContext context = context();
  final Tables tables = new Tables(context);

  volatile Consumer<TableId> answer = this::hang;
  volatile CountDownLatch holding = new CountDownLatch(0);
  volatile boolean interrupting;

  /** Up to where the apply worker's position is durable. */
  volatile Lsn durable = new Lsn(Long.MAX_VALUE);

  final Set<Lsn> awaited = ConcurrentHashMap.newKeySet();

  final SyncWorkers syncs =
      new SyncWorkers(
          context,
          new StreamResources(
              new ByteBudget(1 << 20),
              new CopyPace(() -> 0, Platform.jvm()),
              new CopyCosts(Platform.jvm()),
              new Backoff(Duration.ofMillis(1), 2, new Random(1)),
              new CallGate(Platform.jvm()),
              new StreamFormat(ValueFormat.TEXT),
              workers),
          tables,
          this::isPassed,
          timer);

  @Override
  public void close() {
    released.countDown();
    timer.stop();
    syncs.stop();
    syncs.giveUp();
  }

  /** {@return how many tables are copied together; asked while the scene is made} */
  int tablesPerWorker() {
    return 1;
  }

  /** {@return how many sync workers there are; asked while the scene is made} */
  int workers() {
    return 2;
  }

  private PipelineContext context() {
    return new PipelineContext(
        PipelineConfig.builder(
                "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
            .maxTableSyncWorkers(workers())
            .maxTablesPerSyncWorker(tablesPerWorker())
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
    public GroupCopy copySmall(
        List<PublishedTable> tables, String slotName, ValueFormat format, long mostBytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public TableCopy begin(Request request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Lsn createSlot(String slotName) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void abort() {}
  }

  private void asked(TableId id) {
    begun.add(id);
    answer.accept(id);
  }

  void hang(TableId id) {
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
    awaited.add(position);
    return holding.await(nanos, TimeUnit.NANOSECONDS) && !position.isAfter(durable);
  }

  /** From now on sync workers fail, so many of them; the others hang. */
  void fail(ErrorKind kind, int times) {
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

  void awaitBegun(int workers) {
    await().untilAsserted(() -> assertThat(begun).hasSize(workers));
  }

  static Errored errored(RetryDirective retry, int attempt) {
    return errored(ErrorKind.SOURCE_FAILED, retry, attempt);
  }

  static Errored errored(ErrorKind kind, RetryDirective retry, int attempt) {
    String solution = retry == RetryDirective.TIMED ? "" : "Fix the cause, then resync the table.";
    return new Errored("copying failed", solution, retry, attempt, kind);
  }

  List<Integer> attempts() {
    return store.history(ID).stream()
        .filter(Errored.class::isInstance)
        .map(phase -> ((Errored) phase).attempt())
        .toList();
  }

  Table known(TableReplicationPhase phase) {
    tables.known(ID, NAME, phase);
    return Objects.requireNonNull(tables.find(ID));
  }
}
