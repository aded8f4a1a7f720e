package dev.pgetl.spring.examples;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.TransformingDestination;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;

/** A destination with state that belongs to one start of the pipeline. */
@Configuration(proxyBeanMethods = false)
class TransformedOrders {
  // tag::prototype[]
  @Bean
  @Scope("prototype")
  Destination destination() {
    return TransformingDestination.around(new PrintingDestination()).build();
  }
  // end::prototype[]
}
