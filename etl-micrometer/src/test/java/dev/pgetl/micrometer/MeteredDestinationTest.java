package dev.pgetl.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MeteredDestinationTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private long count(String call, String outcome) {
    return registry
        .get("pgetl.destination.calls")
        .tags("pipeline", "orders", "call", call, "outcome", outcome)
        .timer()
        .count();
  }

  @Test
  void timesCallsByTheirOutcome() {
    MeteredDestination timed =
        MeteredDestination.of(new RecordingDestination(), registry, "orders");
    WriteResult result = timed.writeEvents(List.of());
    assertThat(result).isNotNull();
    timed.flush();
    assertThat(count("events", "success")).isEqualTo(1);
    assertThat(count("flush", "success")).isEqualTo(1);
    assertThat(count("events", "error")).isEqualTo(0);
  }

  @Test
  void countsAFailureAndPassesItOn() {
    RecordingDestination target = new RecordingDestination();
    target.on(Operation.EVENTS).once().reject(ErrorKind.DESTINATION_UNAVAILABLE);
    MeteredDestination timed = MeteredDestination.of(target, registry, "orders");
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> timed.writeEvents(List.of()))
        .matches(failure -> failure.kind() == ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(count("events", "error")).isEqualTo(1);
    assertThat(count("events", "success")).isEqualTo(0);
  }

  /** A default method that is not passed on would answer for the wrong destination. */
  @Test
  void passesEveryMethodOn() {
    assertThat(
            Stream.of(Destination.class.getMethods())
                .filter(m -> !Modifier.isStatic(m.getModifiers())))
        .allSatisfy(
            method ->
                assertThat(ours(method).getDeclaringClass()).isEqualTo(MeteredDestination.class));
  }

  private static Method ours(Method method) throws NoSuchMethodException {
    return MeteredDestination.class.getMethod(method.getName(), method.getParameterTypes());
  }
}
