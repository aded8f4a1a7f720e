package dev.pgetl.spring;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.observe.PipelineListener;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Runs the pipeline of {@code pgetl.*}, or those of the beans of {@link PipelineDefinition}. */
@AutoConfiguration(
    afterName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnProperty(name = "pgetl.enabled", havingValue = "true", matchIfMissing = true)
@EnableConfigurationProperties(PgetlProperties.class)
public final class PgetlAutoConfiguration {
  PgetlAutoConfiguration() {}

  @Bean
  PipelineDefaults pgetlDefaults(
      PgetlProperties properties,
      ApplicationDatabase application,
      ObjectProvider<PgConnectionConfig> ownSource,
      ConfigurableListableBeanFactory beans,
      ObjectProvider<PipelineCustomizer> customizers) {
    Connections connections = new Connections(properties, application, ownSource.getIfAvailable());
    Stores stores = new Stores(properties.store(), connections, beans);
    return new PipelineDefaults(
        properties, connections, stores, customizers.orderedStream().toList());
  }

  @Bean
  @ConditionalOnMissingBean
  PipelineDefinition pgetlPipeline(
      PgetlProperties properties,
      PipelineDefaults defaults,
      ConfigurableListableBeanFactory beans,
      ObjectProvider<PipelineListener> listener) {
    String id = required("pgetl.id", properties.id(), "orders");
    String publication = required("pgetl.publication", properties.publication(), "orders_pub");
    PipelineConfig config;
    try {
      config = defaults.config(id, publication).build();
    } catch (IllegalArgumentException e) {
      throw PgetlSettingsException.of(e, "Correct the settings pgetl.*");
    }
    return new PipelineDefinition(
        config,
        defaults.store(id),
        DestinationBean.of(beans),
        listener.getIfAvailable(() -> PipelineListener.NONE));
  }

  private static String required(String name, @Nullable String value, String example) {
    if (value == null || value.isBlank()) {
      throw new PgetlSettingsException(
          name + " is not set.",
          "Set it, for example "
              + name
              + "="
              + example
              + ". To run without pipelines, set"
              + " pgetl.enabled=false.");
    }
    return value;
  }

  @Bean
  PgetlPipelines pgetlPipelines(
      List<PipelineDefinition> definitions,
      PgetlProperties properties,
      Environment environment,
      ApplicationEventPublisher events) {
    Duration phaseLimit =
        Binder.get(environment)
            .bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
            .orElse(Duration.ofSeconds(30));
    return new PgetlPipelines(definitions, properties, phaseLimit, events);
  }

  /** Without {@code spring-boot-jdbc}: the settings, if there are any. */
  @Bean
  @ConditionalOnMissingBean
  ApplicationDatabase pgetlApplicationSettings(Environment environment) {
    return fromEnvironment(environment);
  }

  private static ApplicationDatabase fromEnvironment(Environment environment) {
    return new ApplicationDatabase(
        environment.getProperty("spring.datasource.url"),
        environment.getProperty("spring.datasource.username"),
        environment.getProperty("spring.datasource.password"));
  }

  /** With {@code spring-boot-jdbc}: what the pool connects to, containers of tests included. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(JdbcConnectionDetails.class)
  static class WithJdbc {
    @Bean
    ApplicationDatabase pgetlApplicationDatabase(
        ObjectProvider<JdbcConnectionDetails> details, Environment environment) {
      JdbcConnectionDetails found = details.getIfUnique();
      return found == null
          ? fromEnvironment(environment)
          : new ApplicationDatabase(found.getJdbcUrl(), found.getUsername(), found.getPassword());
    }
  }
}
