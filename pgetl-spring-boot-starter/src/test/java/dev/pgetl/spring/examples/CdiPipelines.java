package dev.pgetl.spring.examples;

import dev.pgetl.PipelineRunner;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;

/** For containers of CDI 4, such as Quarkus. */
// tag::cdi[]
@ApplicationScoped
public class CdiPipelines {
  private final PgConnectionConfig source =
      PgConnectionConfig.jdbcUrl(System.getenv("SOURCE_URL")).build();
  private final PipelineRunner runner =
      PipelineRunner.builder()
          .pipeline(
              PipelineConfig.builder("orders", "orders_pub", source).build(),
              () -> new MemoryStore(PostgresLayer.builder(source, "orders").build()),
              PrintingDestination::new)
          .build();

  void start(@Observes Startup event) {
    runner.start();
  }

  void stop(@Observes Shutdown event) {
    runner.close();
  }
}
// end::cdi[]
