package dev.pgetl.spring.actuate;

import dev.pgetl.micrometer.PgetlMetrics;
import dev.pgetl.spring.PgetlAutoConfiguration;
import dev.pgetl.spring.PgetlPipelines;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The meters of the pipelines, which Spring Boot binds to its registries. */
@AutoConfiguration(after = PgetlAutoConfiguration.class)
@ConditionalOnClass({MeterBinder.class, PgetlMetrics.class})
@ConditionalOnBean(PgetlPipelines.class)
public final class PgetlMetricsAutoConfiguration {
  PgetlMetricsAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  PgetlMetrics pgetlMetrics(PgetlPipelines pipelines) {
    return PgetlMetrics.of(pipelines::runner);
  }
}
