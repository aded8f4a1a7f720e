package dev.pgetl.spring.examples;

import dev.pgetl.spring.PipelineDefaults;
import dev.pgetl.spring.PipelineDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Two pipelines in one application. */
// tag::several[]
@Configuration(proxyBeanMethods = false)
class SeveralPipelines {
  @Bean
  PipelineDefinition orders(PipelineDefaults defaults) {
    return new PipelineDefinition(
        defaults.config("orders", "orders_pub").build(),
        defaults.store("orders"),
        PrintingDestination::new);
  }

  @Bean
  PipelineDefinition customers(PipelineDefaults defaults) {
    return new PipelineDefinition(
        defaults.config("customers", "customers_pub").maxTableSyncWorkers(2).build(),
        defaults.store("customers"),
        PrintingDestination::new);
  }
}
// end::several[]
