package dev.pgetl.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.FailoverSlots;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.micrometer.PgetlMetrics;
import dev.pgetl.spring.actuate.PgetlMetricsAutoConfiguration;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.Standby;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;

/** Where settings and beans lead to; nothing answers at the addresses. */
class PgetlAutoConfigurationTest {
  private static final String NOTHING = "jdbc:postgresql://localhost:1/shop?user=u";

  private final ApplicationContextRunner empty =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(PgetlAutoConfiguration.class));

  private final ApplicationContextRunner named =
      empty.withPropertyValues("pgetl.id=orders", "pgetl.publication=orders_pub");

  private final ApplicationContextRunner complete =
      named
          .withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + NOTHING + "&currentSchema=shop",
              "spring.datasource.username=app",
              "spring.datasource.password=secret")
          .withBean(TakingDestination.class);

  @Test
  void readsFromTheApplicationsServerAndStartsWithoutIt() {
    complete.run(
        context -> {
          assertThat(context).hasSingleBean(PgetlPipelines.class);
          PgetlPipelines pipelines = context.getBean(PgetlPipelines.class);
          assertThat(pipelines.isRunning()).isTrue();
          assertThat(pipelines.ids()).containsExactly("orders");
          PgConnectionConfig source = config(context.getBean(PipelineDefinition.class));
          assertThat(source.hosts()).hasToString("[localhost:1]");
          assertThat(source.name()).isEqualTo("shop");
          assertThat(source.username()).isEqualTo("app");
          assertThat(source.password().reveal()).isEqualTo("secret");
        });
  }

  private static PgConnectionConfig config(PipelineDefinition definition) {
    return definition.config().pgConnection();
  }

  @Test
  void readsWithAnotherRole() {
    complete
        .withPropertyValues("pgetl.source.username=etl", "pgetl.source.password=other")
        .run(
            context -> {
              PgConnectionConfig source = config(context.getBean(PipelineDefinition.class));
              assertThat(source.name()).isEqualTo("shop");
              assertThat(source.username()).isEqualTo("etl");
              assertThat(source.password().reveal()).isEqualTo("other");
            });
  }

  @Test
  void readsFromAnotherServer() {
    complete
        .withPropertyValues(
            "pgetl.source.url=jdbc:postgresql://other/db?user=u&password=p",
            "pgetl.source.connect-timeout=3s",
            "pgetl.source.status-interval=2s",
            "pgetl.source.wal-sender-timeout=40s",
            "pgetl.source.lock-timeout=4s")
        .run(
            context -> {
              PgConnectionConfig source = config(context.getBean(PipelineDefinition.class));
              assertThat(source.host()).isEqualTo("other");
              assertThat(source.username()).isEqualTo("u");
              assertThat(source.password().reveal()).isEqualTo("p");
              assertThat(source.connectTimeout()).hasSeconds(3);
              assertThat(source.statusInterval()).hasSeconds(2);
              assertThat(source.walSenderTimeout()).hasSeconds(40);
              assertThat(source.lockTimeout()).hasSeconds(4);
            });
  }

  @Test
  void aConnectionBeanIsTheSource() {
    PgConnectionConfig own = PgConnectionConfig.builder("own", "db", "role").build();
    complete
        .withBean(PgConnectionConfig.class, () -> own)
        .run(
            context -> assertThat(config(context.getBean(PipelineDefinition.class))).isSameAs(own));
  }

  @Test
  void settingsOfBatchesAndOfTheRunReachThePipeline() {
    complete
        .withPropertyValues(
            "pgetl.batch.max-size=11",
            "pgetl.batch.max-bytes=2MB",
            "pgetl.batch.max-fill=13ms",
            "pgetl.batch.max-accepted-age=14s",
            "pgetl.run.max-buffered-bytes=64MB",
            "pgetl.run.standby=off",
            "pgetl.run.table-error-retry-delay=18s",
            "pgetl.run.table-error-retry-max-attempts=7",
            "pgetl.run.shutdown-timeout=2s")
        .run(
            context -> {
              PipelineConfig config = context.getBean(PipelineDefinition.class).config();
              assertThat(config.batch().maxSize()).isEqualTo(11);
              assertThat(config.batch().maxBytes()).isEqualTo(2 << 20);
              assertThat(config.batch().maxFill()).hasMillis(13);
              assertThat(config.batch().maxAcceptedAge()).hasSeconds(14);
              assertThat(config.maxBufferedBytes()).isEqualTo(64 << 20);
              assertThat(config.standby()).isEqualTo(Standby.OFF);
              assertThat(config.tableErrorRetryDelay()).hasSeconds(18);
              assertThat(config.tableErrorRetryMaxAttempts()).isEqualTo(7);
              assertThat(config.shutdownTimeout()).isEqualTo(Duration.ofSeconds(2));
            });
  }

  @Test
  void settingsOfCopiesAndOfTheStreamReachThePipeline() {
    complete
        .withPropertyValues(
            "pgetl.copy.max-table-sync-workers=3",
            "pgetl.copy.max-tables-per-sync-worker=5",
            "pgetl.copy.max-connections-per-table=6",
            "pgetl.stream.publication-refresh-interval=17s",
            "pgetl.stream.message-prefixes=a,b",
            "pgetl.stream.binary=true",
            "pgetl.stream.invalidated-slot-behavior=recreate",
            "pgetl.stream.failover-slots=off",
            "pgetl.stream.accept-unknown-divergence=true")
        .run(
            context -> {
              PipelineConfig config = context.getBean(PipelineDefinition.class).config();
              assertThat(config.maxTableSyncWorkers()).isEqualTo(3);
              assertThat(config.maxTablesPerSyncWorker()).isEqualTo(5);
              assertThat(config.maxCopyConnectionsPerTable()).isEqualTo(6);
              assertThat(config.publicationRefreshInterval()).hasSeconds(17);
              assertThat(config.messagePrefixes()).isEqualTo(Set.of("a", "b"));
              assertThat(config.binary()).isTrue();
              assertThat(config.invalidatedSlotBehavior())
                  .isEqualTo(InvalidatedSlotBehavior.RECREATE);
              assertThat(config.failoverSlots()).isEqualTo(FailoverSlots.OFF);
              assertThat(config.acceptsUnknownDivergence()).isTrue();
            });
  }

  @Test
  void aCustomizerComesLast() {
    complete
        .withPropertyValues("pgetl.stream.binary=true")
        .withBean(PipelineCustomizer.class, () -> (id, config) -> config.binary(false))
        .run(
            context ->
                assertThat(context.getBean(PipelineDefinition.class).config().binary()).isFalse());
  }

  @Test
  void severalPipelinesAreBeans() {
    complete
        .withUserConfiguration(TwoPipelines.class)
        .run(
            context ->
                assertThat(context.getBean(PgetlPipelines.class).ids())
                    .containsExactly("orders", "customers"));
  }

  @Test
  void doesNothingIfItIsDisabled() {
    empty
        .withPropertyValues("pgetl.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(PgetlPipelines.class));
  }

  @Test
  void metersAreBoundIfTheModuleIsThere() {
    ApplicationContextRunner measured =
        complete.withConfiguration(AutoConfigurations.of(PgetlMetricsAutoConfiguration.class));
    measured.run(context -> assertThat(context).hasSingleBean(PgetlMetrics.class));
    measured
        .withClassLoader(new FilteredClassLoader(PgetlMetrics.class))
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(MeterBinder.class));
    measured
        .withClassLoader(new FilteredClassLoader("io.micrometer"))
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(PgetlPipelines.class));
    measured
        .withUserConfiguration(OwnMetrics.class)
        .run(context -> assertThat(context).hasSingleBean(PgetlMetrics.class).hasBean("own"));
  }

  @Test
  void worksWithoutJdbcAndWithoutThePostgresStore(@TempDir Path folder) {
    named
        .withBean(TakingDestination.class)
        .withClassLoader(new FilteredClassLoader(JdbcConnectionDetails.class, PostgresLayer.class))
        .withPropertyValues("pgetl.source.url=" + NOTHING, "pgetl.store.folder=" + folder)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              await().until(() -> Files.isDirectory(folder.resolve("orders")));
            });
  }

  @Test
  void aPrototypeIsADestinationForEachStart() {
    named
        .withPropertyValues("pgetl.source.url=" + NOTHING)
        .withUserConfiguration(OneDestinationForEachStart.class)
        .run(
            context -> {
              Supplier<? extends Destination> made =
                  context.getBean(PipelineDefinition.class).destination();
              assertThat(made.get()).isInstanceOf(TakingDestination.class).isNotSameAs(made.get());
            });
  }

  @Test
  void theStoreMayBeABean() {
    named
        .withPropertyValues("pgetl.source.url=" + NOTHING)
        .withBean(TakingDestination.class)
        .withUserConfiguration(OwnStore.class)
        .run(
            context -> {
              Supplier<? extends PipelineStore> made =
                  context.getBean(PipelineDefinition.class).store();
              assertThat(made.get()).isExactlyInstanceOf(MemoryStore.class);
            });
  }

  /** Two definitions with what they share. */
  @Configuration(proxyBeanMethods = false)
  static class TwoPipelines {
    @Bean
    PipelineDefinition orders(PipelineDefaults defaults) {
      return definition(defaults, "orders");
    }

    @Bean
    PipelineDefinition customers(PipelineDefaults defaults) {
      return definition(defaults, "customers");
    }

    private static PipelineDefinition definition(PipelineDefaults defaults, String id) {
      return new PipelineDefinition(
          defaults.config(id, id + "_pub").build(), defaults.store(id), TakingDestination::new);
    }
  }

  /** A destination that has state of one start. */
  @Configuration(proxyBeanMethods = false)
  static class OneDestinationForEachStart {
    @Bean
    @Scope("prototype")
    Destination destination() {
      return new TakingDestination();
    }
  }

  /** Meters of the application, with the free space that it knows. */
  @Configuration(proxyBeanMethods = false)
  static class OwnMetrics {
    @Bean
    PgetlMetrics own(PgetlPipelines pipelines) {
      return PgetlMetrics.of(pipelines::runner).walFreeBytes(() -> 1 << 30);
    }
  }

  /** A store of the application. */
  @Configuration(proxyBeanMethods = false)
  static class OwnStore {
    @Bean
    @Scope("prototype")
    PipelineStore store() {
      return new MemoryStore();
    }
  }
}
