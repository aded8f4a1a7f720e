package dev.pgetl.spring;

import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A destination that is one bean for all starts of a pipeline. No start closes it: the application
 * does. A start has to wait until the calls of the last one have returned, since calls about a
 * table must not overlap. Thread-safe.
 */
final class SharedDestination {
  private final Destination target;
  private final AtomicInteger calls = new AtomicInteger();

  SharedDestination(Destination target) {
    this.target = target;
  }

  /**
   * {@return the destination for one start}
   *
   * @throws EtlException if a call of the last start has not returned; retried
   */
  Destination forOneStart() {
    int hanging = calls.get();
    if (hanging > 0) {
      throw new EtlException(
          ErrorKind.DESTINATION_UNAVAILABLE,
          hanging + " calls of " + target.name() + " from before have not returned");
    }
    return (Destination)
        Proxy.newProxyInstance(
            Destination.class.getClassLoader(), new Class<?>[] {Destination.class}, this::invoke);
  }

  @SuppressWarnings("IllegalThrows") // whatever the target throws
  private @Nullable Object invoke(
      Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return ofObject(proxy, method, arguments);
    }
    if (method.getName().equals("close")) {
      return null;
    }
    if (method.getName().equals("wrapped")) {
      return Optional.of(target);
    }
    calls.incrementAndGet();
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      calls.decrementAndGet();
    }
  }

  private Object ofObject(Object proxy, Method method, @Nullable Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> target.toString();
    };
  }
}
