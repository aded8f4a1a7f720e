package dev.pgetl.internal.runner;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.internal.runtime.worker.PipelineLife;
import java.util.List;

/** Makes a pipeline for one start, with a store and a destination of its own. */
@FunctionalInterface
public interface Opening {
  /**
   * {@return a pipeline that has not started}
   *
   * @throws RuntimeException if it cannot be made; nothing is left open then
   */
  Opened open();

  /** A pipeline, and what was opened for it. */
  interface Opened extends AutoCloseable {
    /** {@return the pipeline} */
    PipelineLife life();

    /** {@return what is wrong with its source, its store and its destination} */
    List<Finding> diagnose();

    /** Closes the pipeline and what was opened for it, within a limited time. */
    @Override
    void close();
  }
}
