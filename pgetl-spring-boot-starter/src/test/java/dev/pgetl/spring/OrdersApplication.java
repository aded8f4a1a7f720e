package dev.pgetl.spring;

import dev.pgetl.testkit.destination.RecordingDestination;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** What an application has beside its settings: one bean. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class OrdersApplication {
  @Bean
  RecordingDestination destination() {
    return new RecordingDestination();
  }
}
