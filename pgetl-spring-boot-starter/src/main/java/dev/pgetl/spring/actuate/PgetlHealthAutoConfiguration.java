package dev.pgetl.spring.actuate;

import dev.pgetl.spring.PgetlAutoConfiguration;
import dev.pgetl.spring.PgetlPipelines;
import dev.pgetl.spring.PgetlProperties;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * The health of the pipelines, {@code pgetl}, and an order of statuses that knows {@code DEGRADED}.
 */
@AutoConfiguration(
    after = PgetlAutoConfiguration.class,
    beforeName = {
      "org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration",
      "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration"
    })
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnBean(PgetlPipelines.class)
@ConditionalOnEnabledHealthIndicator("pgetl")
public final class PgetlHealthAutoConfiguration {
  PgetlHealthAutoConfiguration() {}

  @Bean
  HealthIndicator pgetlHealthIndicator(PgetlPipelines pipelines, PgetlProperties properties) {
    return new PgetlHealthIndicator(pipelines, properties.health().stallLimit());
  }

  /** Boot's own drops statuses that it does not know. The application's order has precedence. */
  @Bean
  @ConditionalOnMissingBean
  StatusAggregator pgetlStatusAggregator(Environment environment) {
    List<String> order =
        Binder.get(environment)
            .bind("management.endpoint.health.status.order", Bindable.listOf(String.class))
            .orElse(StatusOrder.DEFAULT);
    return new StatusOrder(order);
  }
}
