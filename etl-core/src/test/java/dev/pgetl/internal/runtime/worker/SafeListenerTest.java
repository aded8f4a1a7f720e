package dev.pgetl.internal.runtime.worker;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.SchemaChange;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.wal.Lsn;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SafeListenerTest {
  private final EtlException away =
      new EtlException(ErrorKind.STORE_UNAVAILABLE, "storing position 0/10 failed");

  private static final TableSchema TABLE =
      TableSchema.builder(new TableId(7), new TableName("public", "orders")).build();

  /** A value of every type that a listener is called with. */
  private final Map<Class<?>, Object> arguments =
      Map.ofEntries(
          entry(TableId.class, new TableId(7)),
          entry(String.class, "its row filter was changed"),
          entry(TableName.class, new TableName("public", "orders")),
          entry(TableReplicationPhase.class, new Init()),
          entry(Set.class, Set.of(new TableName("public", "part"))),
          entry(Lsn.class, new Lsn(0x10)),
          entry(SchemaChange.class, new SchemaChange(TABLE, TABLE)),
          entry(Duration.class, Duration.ofMillis(20)),
          entry(EtlException.class, away),
          entry(int.class, 2),
          entry(long.class, 300L),
          entry(boolean.class, true));

  private final List<String> calls = new ArrayList<>();

  private static List<Method> methods() {
    return Stream.of(PipelineListener.class.getMethods()).filter(Method::isDefault).toList();
  }

  private Object[] argumentsOf(Method method) {
    return Stream.of(method.getParameterTypes())
        .map(type -> Objects.requireNonNull(arguments.get(type), type.toString()))
        .toArray();
  }

  /** {@return a listener that does the same in every method} */
  private PipelineListener listener(@Nullable Throwable thrown) {
    Object proxy =
        Proxy.newProxyInstance(
            PipelineListener.class.getClassLoader(),
            new Class<?>[] {PipelineListener.class},
            (self, method, given) -> {
              calls.add(method.getName() + List.of(given));
              if (thrown != null) {
                throw thrown;
              }
              return null;
            });
    return PipelineListener.class.cast(proxy);
  }

  @Test
  void forwardsEveryCallWithItsArguments() throws ReflectiveOperationException {
    PipelineListener safe = SafeListener.of(listener(null));
    List<String> expected = new ArrayList<>();
    for (Method method : methods()) {
      method.invoke(safe, argumentsOf(method));
      expected.add(method.getName() + List.of(argumentsOf(method)));
    }

    assertThat(calls).isEqualTo(expected).hasSizeGreaterThan(5);
  }

  static List<Throwable> thrown() {
    return List.of(new IllegalStateException("test"), new NoClassDefFoundError("metrics/Gauge"));
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void whatAnyMethodThrowsIsLoggedAndHasNoOtherEffect(Throwable broken)
      throws ReflectiveOperationException {
    PipelineListener safe = SafeListener.of(listener(broken));
    for (Method method : methods()) {
      try (RecordedLog log = new RecordedLog(SafeListener.class)) {
        method.invoke(safe, argumentsOf(method));

        assertThat(log.lines()).as(method.getName()).containsExactly("a pipeline listener failed");
      }
    }
    assertThat(calls).hasSameSizeAs(methods());
  }

  @Test
  void isNotWrappedTwice() {
    PipelineListener safe = SafeListener.of(PipelineListener.NONE);

    assertThat(SafeListener.of(safe)).isSameAs(safe);
  }
}
