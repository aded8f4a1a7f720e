package dev.pgetl.internal.runtime.waits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.observe.WaitStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WatchedDestinationTest {
  /** They ask for no work. */
  private static final Set<String> UNWATCHED =
      Set.of("wholeTransactionBytes", "diagnose", "refusesWholeCalls");

  private static final TableSchema USERS =
      TableSchema.builder(new TableId(7), new TableName("public", "users")).build();

  private final Waits waits = new Waits(Platform.jvm());
  private final List<String> reached = new ArrayList<>();
  private final List<String> waitedFor = new ArrayList<>();
  private final Destination given =
      (Destination)
          Proxy.newProxyInstance(
              Destination.class.getClassLoader(),
              new Class<?>[] {Destination.class},
              (proxy, method, arguments) -> answer(method));
  private final Destination watched = new WatchedDestination(given, waits);

  private @Nullable Object answer(Method method) {
    if (!method.getName().equals("name")) {
      reached.add(method.toGenericString());
      waits.status().stream().map(WaitStatus::what).forEach(waitedFor::add);
    }
    return sample(method.getReturnType());
  }

  private static @Nullable Object sample(Class<?> type) {
    Map<Class<?>, Object> samples =
        Map.of(
            String.class,
            "given",
            TableSchema.class,
            USERS,
            TableId.class,
            USERS.id(),
            List.class,
            List.of(),
            Optional.class,
            Optional.empty(),
            WriteResult.class,
            WriteResult.DURABLE,
            boolean.class,
            true,
            long.class,
            9L);
    return samples.get(type);
  }

  static Stream<Method> methods() {
    return Arrays.stream(Destination.class.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> !Set.of("name", "wrapped").contains(method.getName()));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void passesEachCallOnAndNotesIt(Method method) throws ReflectiveOperationException {
    Object[] arguments =
        Stream.of(method.getParameterTypes()).map(WatchedDestinationTest::sample).toArray();
    Object answer = method.invoke(watched, arguments);

    assertThat(answer).isEqualTo(sample(method.getReturnType()));
    assertThat(reached).containsExactly(method.toGenericString());
    if (!UNWATCHED.contains(method.getName())) {
      assertThat(waitedFor).singleElement().asString().contains(method.getName());
    }
    assertThat(waits.status()).isEmpty();
  }

  @Test
  void namesTheTable() {
    watched.tableCopied(USERS);
    assertThat(waitedFor)
        .containsExactly("destination given to answer tableCopied of table public.users");
  }

  @Test
  void waitsNoLongerOnceACallHasFailed() {
    Destination failing =
        (Destination)
            Proxy.newProxyInstance(
                Destination.class.getClassLoader(),
                new Class<?>[] {Destination.class},
                (proxy, method, arguments) -> {
                  throw new IllegalStateException("as the test requests");
                });
    assertThatThrownBy(new WatchedDestination(failing, waits)::flush)
        .isInstanceOf(IllegalStateException.class);
    assertThat(waits.status()).isEmpty();
  }
}
