package dev.pgetl.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.TransformingDestination;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What is printed instead of a stack trace when a setting or a bean is missing or wrong. */
class SettingsFailureTest {
  private final ApplicationContextRunner named =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(PgetlAutoConfiguration.class))
          .withPropertyValues(
              "pgetl.id=orders",
              "pgetl.publication=orders_pub",
              "pgetl.source.url=jdbc:postgresql://localhost:1/shop?user=u");

  private final ApplicationContextRunner complete = named.withBean(TakingDestination.class);

  @Test
  void noDestination() {
    assertAdvice(named, "pgetl needs a bean of type dev.pgetl.destination.Destination", "Define");
  }

  @Test
  void twoDestinations() {
    assertAdvice(complete.withBean("second", TakingDestination.class), "several beans", "@Primary");
  }

  @Test
  void aDestinationOfTheLibraryForAllStarts() {
    assertAdvice(
        named.withBean(
            Destination.class,
            () -> TransformingDestination.around(new TakingDestination()).build()),
        "a TransformingDestination serves one start",
        "@Scope(\"prototype\")");
  }

  @Test
  void noId() {
    assertAdvice(complete.withPropertyValues("pgetl.id="), "pgetl.id is not set", "pgetl.id=");
  }

  @Test
  void noPublication() {
    assertAdvice(
        complete.withPropertyValues("pgetl.publication="),
        "pgetl.publication is not set",
        "pgetl.publication=");
  }

  @Test
  void anIdThatIsNone() {
    assertAdvice(complete.withPropertyValues("pgetl.id=My Orders"), "id", "pgetl.*");
  }

  @Test
  void settingsThatContradictEachOther() {
    assertAdvice(
        complete.withPropertyValues("pgetl.batch.max-size=0"), "batch.maxSize", "pgetl.batch.*");
    assertAdvice(
        complete.withPropertyValues("pgetl.run.first-restart-delay=2m"),
        "restart delays",
        "pgetl.run.*-restart-delay");
  }

  @Test
  void noSource() {
    assertAdvice(
        complete.withPropertyValues("pgetl.source.url=${absent:#{null}}"), "pgetl.source", "url");
    assertAdvice(
        new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PgetlAutoConfiguration.class))
            .withBean(TakingDestination.class)
            .withPropertyValues("pgetl.id=a", "pgetl.publication=p"),
        "does not know which Postgres server to read from",
        "pgetl.source.url");
  }

  @Test
  void aSourceThatIsNoPostgres() {
    assertAdvice(
        complete.withPropertyValues("pgetl.source.url=jdbc:h2:mem:x"),
        "pgetl.source.url: not a JDBC URL of Postgres",
        "Correct pgetl.source.url");
  }

  @Test
  void certificatesThatAreNotThere() {
    assertAdvice(
        complete.withPropertyValues("pgetl.source.trusted-root-certs=file:/absent/ca.pem"),
        "trusted-root-certs cannot be read",
        "PEM");
  }

  @Test
  void noStore() {
    assertAdvice(
        complete.withClassLoader(
            new FilteredClassLoader(JdbcConnectionDetails.class, PostgresLayer.class)),
        "where to keep the state",
        "pgetl.store.folder");
  }

  @Test
  void aStoreForAllStarts() {
    assertAdvice(complete.withBean(MemoryStore.class), "singleton", "@Scope(\"prototype\")");
  }

  @Test
  void doesNotPrintThePassword() {
    complete
        .withPropertyValues("pgetl.source.url=jdbc:postgresql://h/d?passwrod=sesame")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("passwrod")
                    .extracting(failure -> failure.toString() + failure.getCause())
                    .asString()
                    .doesNotContain("sesame"));
  }

  private static void assertAdvice(
      ApplicationContextRunner runner, String description, String action) {
    runner.run(
        context -> {
          assertThat(context).hasFailed();
          FailureAnalysis analysis =
              new SettingsFailureAnalyzer()
                  .analyze(Objects.requireNonNull(context.getStartupFailure()));
          assertThat(analysis).isNotNull();
          assertThat(analysis.getDescription()).contains(description);
          assertThat(analysis.getAction()).contains(action);
        });
  }
}
