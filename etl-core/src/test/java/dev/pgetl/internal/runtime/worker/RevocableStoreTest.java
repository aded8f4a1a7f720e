package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.OneThreadPlatform;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.waits.Waits;
import dev.pgetl.observe.WaitStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RevocableStoreTest {
  private static final TableId TABLE = new TableId(7);

  private final List<String> reached = new ArrayList<>();
  private Runnable during = () -> {};
  private final PipelineStore given =
      (PipelineStore)
          Proxy.newProxyInstance(
              PipelineStore.class.getClassLoader(),
              new Class<?>[] {PipelineStore.class},
              (proxy, method, arguments) -> answer(method));

  private @Nullable Object answer(Method method) {
    reached.add(method.getName());
    during.run();
    return sample(method.getReturnType());
  }

  private static @Nullable Object sample(Class<?> type) {
    if (type == boolean.class) {
      return true;
    }
    Map<Class<?>, Object> samples =
        Map.of(
            TableId.class,
            TABLE,
            TableReplicationPhase.class,
            new TableReplicationPhase.Init(),
            String.class,
            "text",
            ReplicationProgress.class,
            new ReplicationProgress("slot", new SlotLineage("1", 1, Lsn.ZERO), Lsn.ZERO),
            TableSchema.class,
            TableSchema.builder(TABLE, new TableName("s", "t")).build(),
            Lsn.class,
            Lsn.ZERO,
            Map.class,
            Map.of(),
            List.class,
            List.of(),
            Optional.class,
            Optional.empty(),
            int.class,
            0);
    assertThat(type == void.class || samples.containsKey(type)).as("sample of %s", type).isTrue();
    return samples.get(type);
  }

  static Stream<Method> methods() {
    return Arrays.stream(PipelineStore.class.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()));
  }

  static Stream<Method> reads() {
    return methods().filter(RevocableStoreTest::isRead);
  }

  static Stream<Method> writes() {
    return methods().filter(method -> !isRead(method));
  }

  /** Loading takes in what others have stored, and stores nothing. */
  private static boolean isRead(Method method) {
    return method.getName().startsWith("get")
        || method.getName().startsWith("load")
        || method.getName().equals("keepsPauses")
        || method.getName().equals("diagnose")
        || method.getName().equals("leases");
  }

  private static void call(PipelineStore store, Method method) {
    try {
      method.invoke(
          store, Stream.of(method.getParameterTypes()).map(RevocableStoreTest::sample).toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof EtlException failure) {
        throw failure;
      }
      throw new AssertionError(e.getCause());
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void passesOnEverythingAtFirst(Method method) {
    call(new RevocableStore(given, Platform.jvm()), method);
    assertThat(reached).containsExactly(method.getName());
  }

  @ParameterizedTest
  @MethodSource("writes")
  void refusesEveryWriteOnceRevoked(Method method) {
    RevocableStore store = new RevocableStore(given, Platform.jvm());
    store.revoke(0);
    EtlException refusal = catchThrowableOfType(EtlException.class, () -> call(store, method));
    assertThat(refusal).isNotNull();
    assertThat(refusal.kind()).isEqualTo(ErrorKind.STORE_LOCKED);
    assertThat(reached).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("writes")
  void notesEveryWriteWhileItIsMade(Method method) {
    Waits waits = new Waits(Platform.jvm());
    List<String> waitedFor = new ArrayList<>();
    during = () -> waits.status().stream().map(WaitStatus::what).forEach(waitedFor::add);
    call(new RevocableStore(given, Platform.jvm(), Rivals.NONE, waits), method);
    assertThat(waitedFor).singleElement().asString().startsWith("the store to ");
    assertThat(waits.status()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("reads")
  void answersEveryReadOnceRevoked(Method method) {
    RevocableStore store = new RevocableStore(given, Platform.jvm());
    store.revoke(0);
    call(store, method);
    assertThat(reached).containsExactly(method.getName());
  }

  @Test
  void revokingWaitsForAWriteUnderWay() throws Exception {
    RevocableStore store = new RevocableStore(given, Platform.jvm());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    during =
        () -> {
          begun.countDown();
          awaitUninterruptibly(released);
        };
    FutureTask<Boolean> write = new FutureTask<>(() -> store.cleanupTableState(TABLE), true);
    run(write);
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    FutureTask<Boolean> revoking =
        new FutureTask<>(() -> store.revoke(TimeUnit.MINUTES.toNanos(5)), true);
    Thread waiting = run(revoking);
    await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    assertThat(revoking).isNotDone();

    released.countDown();

    assertThat(revoking.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(write.get(30, TimeUnit.SECONDS)).isTrue();
  }

  private static Thread run(Runnable body) {
    Thread thread = new Thread(body, "background");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void revokingWaitsNoLongerThanAsked() {
    OneThreadPlatform clock = new OneThreadPlatform();
    RevocableStore store = new RevocableStore(given, clock);
    List<Long> waited = new ArrayList<>();
    during =
        () -> {
          long since = clock.nanos();
          store.revoke(1_000);
          waited.add(clock.nanos() - since);
        };
    store.cleanupTableState(TABLE);
    assertThat(waited).containsExactly(1_000L);
  }

  @Test
  void anAnswerAboutOwnershipAfterTheEndHasNoConsequences() {
    RevocableStore store = new RevocableStore(given, Platform.jvm());
    during =
        () -> {
          store.revoke(0);
          throw new EtlException(ErrorKind.STORE_LOCKED, "another pipeline's by now");
        };
    store.proveOwnership();
    assertThat(reached).containsExactly("proveOwnership");
  }
}
