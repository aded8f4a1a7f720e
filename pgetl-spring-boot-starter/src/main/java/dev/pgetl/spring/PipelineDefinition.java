package dev.pgetl.spring;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.PipelineStore;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A pipeline that the application runs. Each bean of this type is one; if there is any, {@code
 * pgetl.id} and {@code pgetl.publication} make none.
 *
 * @param config its settings
 * @param store makes a store for each start; closed after the pipeline if it is {@link
 *     AutoCloseable}
 * @param destination makes a destination for each start; closed by the pipeline
 * @param listener is notified of what each of its pipelines does
 */
public record PipelineDefinition(
    PipelineConfig config,
    Supplier<? extends PipelineStore> store,
    Supplier<? extends Destination> destination,
    PipelineListener listener) {
  public PipelineDefinition {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(destination, "destination");
    Objects.requireNonNull(listener, "listener");
  }

  /**
   * Creates a pipeline without a listener.
   *
   * @param config its settings
   * @param store makes a store for each start
   * @param destination makes a destination for each start
   */
  public PipelineDefinition(
      PipelineConfig config,
      Supplier<? extends PipelineStore> store,
      Supplier<? extends Destination> destination) {
    this(config, store, destination, PipelineListener.NONE);
  }
}
