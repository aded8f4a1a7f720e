package dev.pgetl.examples;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import java.nio.file.Path;

/** The program on the front page: compiled here, compared with the page by its test. */
final class ReadmeProgram {
  private ReadmeProgram() {}

  static void run(String password) throws InterruptedException {
    // tag::readme[]
    PgConnectionConfig source =
        PgConnectionConfig.builder("db.example.com", "shop", "etl").password(password).build();
    PipelineConfig config = PipelineConfig.builder("shop_to_search", "my_pub", source).build();

    try (MemoryStore store = new MemoryStore(FileLayer.open(Path.of("state")));
        Destination destination =
            HttpDestination.builder("https://search.example.com/ingest").build();
        Pipeline pipeline = Pipeline.create(config, store, destination)) {
      // Checks the source; reports every problem it finds, with the fix.
      pipeline.start();
      // Or pipeline.awaitReady(…), pipeline.status(), pipeline.awaitApplied(lsn, …).
      pipeline.awaitTermination();
    }
    // end::readme[]
  }
}
