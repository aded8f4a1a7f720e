package dev.pgetl.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.Destination;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ForwardingTest {
  static Stream<Method> calls() {
    return Stream.of(Destination.class.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()));
  }

  /** Also those with a default, which answers what the destination would not. */
  @ParameterizedTest
  @MethodSource("calls")
  void everyCallIsPassedOn(Method call) throws NoSuchMethodException {
    Method answering =
        MeteredDestination.class.getMethod(call.getName(), call.getParameterTypes());

    assertThat(answering.getDeclaringClass()).isEqualTo(MeteredDestination.class);
  }
}
