package dev.pgetl;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runner.Opening;
import dev.pgetl.internal.runtime.worker.PipelineLife;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.store.PipelineStore;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a runner makes a pipeline of, for each start. Stateless.
 *
 * @param config the settings
 * @param stores makes a store
 * @param destinations makes a destination
 * @param listener is notified of what each pipeline does
 */
record KeptPipeline(
    PipelineConfig config,
    Supplier<? extends PipelineStore> stores,
    Supplier<? extends Destination> destinations,
    PipelineListener listener)
    implements Opening {
  private static final Logger LOG = LoggerFactory.getLogger(KeptPipeline.class);

  @Override
  @SuppressWarnings("IllegalCatch") // what was opened is closed, whatever is thrown
  public Opened open() {
    PipelineStore store = made(stores, "store", ErrorKind.STORE_UNAVAILABLE);
    try {
      Destination destination =
          made(destinations, "destination", ErrorKind.DESTINATION_UNAVAILABLE);
      try {
        return opened(Pipeline.create(config, store, destination, listener), store, destination);
      } catch (RuntimeException | Error e) {
        closing("destination", destination);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      close(store);
      throw e;
    }
  }

  private static Opened opened(Pipeline pipeline, PipelineStore store, Destination destination) {
    return new Opened() {
      @Override
      public PipelineLife life() {
        return pipeline.lives().present();
      }

      @Override
      public List<Finding> diagnose() {
        return pipeline.diagnose();
      }

      @Override
      public void close() {
        boolean unstarted = pipeline.status().state() == State.CREATED;
        pipeline.close();
        if (unstarted) {
          closing("destination", destination);
        }
        KeptPipeline.close(store);
      }
    };
  }

  /** A factory that fails may succeed the next time: what it needs may be away. */
  private <T> T made(Supplier<? extends T> factory, String what, ErrorKind kind) {
    T made;
    try {
      made = factory.get();
    } catch (EtlException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new EtlException(kind, "making the %s of pipeline %s".formatted(what, config.id()), e);
    }
    if (made == null) {
      throw new EtlException(
          ErrorKind.CONFIGURATION,
          "the factory of the %s of pipeline %s made none".formatted(what, config.id()));
    }
    return made;
  }

  private static void close(PipelineStore store) {
    if (store instanceof AutoCloseable closeable) {
      closing("store", closeable);
    }
  }

  @SuppressWarnings("IllegalCatch") // what closes badly must not keep the pipeline from starting
  private static void closing(String what, AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("closing the {} failed", what, e);
    }
  }
}
