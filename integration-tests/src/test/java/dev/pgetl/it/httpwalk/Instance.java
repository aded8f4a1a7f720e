package dev.pgetl.it.httpwalk;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.Secret;
import dev.pgetl.destination.http.FileDeadLetters;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.destination.http.HttpDestinationBuilder;
import dev.pgetl.it.walk.MortalLayer;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** One process that runs the pipeline. Owned by the walk's thread. */
final class Instance {
  private static final Duration LOCK_TIMEOUT = Duration.ofMillis(300);
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  private final MortalLayer layer;
  private final MemoryStore store;
  private final Tagged destination;
  private final Pipeline pipeline;

  Instance(int number, Settings settings, String url, Path folder, TestDatabase source, Ears ears) {
    layer = new MortalLayer(FileLayer.open(folder.resolve("state")));
    store = new MemoryStore(layer);
    destination =
        new Tagged(
            number,
            ears,
            headers -> destination(settings, url, folder.resolve("letters.jsonl"), headers));
    // A column is changed while its table is copied: one of the two has to give way.
    PgConnectionConfig connection = source.connection().lockTimeout(LOCK_TIMEOUT).build();
    PipelineConfig config =
        PipelineConfig.builder("httpwalk", "pub", connection)
            .binary(settings.binary())
            .tableErrorRetryDelay(Duration.ofMillis(20))
            .tableErrorRetryMaxAttempts(1000)
            .publicationRefreshInterval(Duration.ZERO)
            .build();
    pipeline = Pipeline.create(config, store, destination, ears);
    pipeline.start();
  }

  private static HttpDestination destination(
      Settings settings, String url, Path letters, Supplier<Map<String, String>> headers) {
    HttpDestinationBuilder builder =
        HttpDestination.builder(url)
            .format(settings.format())
            .gzip(settings.gzip())
            .announceCopies(settings.announce())
            .replacesTables(settings.replaces())
            .announceEmptyTables(settings.announce() && !settings.lines())
            .maxBodyBytes(settings.maxBodyBytes())
            .requestTimeout(TIMEOUT)
            .retryDelay(Duration.ofMillis(1))
            .maxRetryDelay(Duration.ofMillis(10))
            .bearerToken(() -> Secret.of(HttpWalkIT.TOKEN))
            .headers(headers);
    return settings.letters()
        ? builder.deadLetters(new FileDeadLetters(letters)).deadLetterLimit(1000).build()
        : builder.build();
  }

  Pipeline pipeline() {
    return pipeline;
  }

  void stop() {
    pipeline.close();
    destination.close();
    store.close();
  }

  /** Ends it as {@code kill -9} does: nothing that it does afterwards has an effect. */
  void kill() {
    layer.die();
    stop();
  }
}
