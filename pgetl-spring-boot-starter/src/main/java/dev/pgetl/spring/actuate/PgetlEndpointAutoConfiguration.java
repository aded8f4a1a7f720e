package dev.pgetl.spring.actuate;

import dev.pgetl.spring.PgetlAutoConfiguration;
import dev.pgetl.spring.PgetlPipelines;
import dev.pgetl.spring.PgetlProperties;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** The Actuator endpoint {@code pgetl}. */
@AutoConfiguration(after = PgetlAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(PgetlPipelines.class)
@ConditionalOnAvailableEndpoint(PgetlEndpoint.class)
public final class PgetlEndpointAutoConfiguration {
  PgetlEndpointAutoConfiguration() {}

  @Bean
  PgetlEndpoint pgetlEndpoint(PgetlPipelines pipelines, PgetlProperties properties) {
    return new PgetlEndpoint(pipelines, properties.health().stallLimit());
  }
}
