package dev.pgetl.internal.runtime;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.PipelineStore;

/** Contexts of pipelines that copy nothing and deliver nothing. */
public final class Contexts {
  private Contexts() {}

  public static PipelineConfig.Builder config() {
    return PipelineConfig.builder(
        "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build());
  }

  public static PipelineContext of(
      PipelineConfig config,
      PipelineStore store,
      PipelineListener listener,
      Source source,
      Platform platform) {
    return new PipelineContext(
        config,
        store,
        new UnusedDestination(),
        listener,
        source,
        () -> {
          throw new UnsupportedOperationException();
        },
        platform);
  }
}
