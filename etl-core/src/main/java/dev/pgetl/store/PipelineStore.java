package dev.pgetl.store;

import dev.pgetl.diagnose.Finding;
import java.util.List;
import java.util.Optional;

/** All that a pipeline remembers, in one object. One store serves one pipeline. */
public interface PipelineStore extends SchemaStore, StateStore, CopyStore, CleanupStore {
  /**
   * The comment ({@code COMMENT ON TABLE}) of every table in which a store keeps its state. A
   * pipeline leaves tables with this comment out of its publication; otherwise a store in the
   * source database would replicate its own writes.
   */
  String TABLE_COMMENT = "pgetl store: state of pipelines, never replicated";

  /**
   * {@return what decides between several processes that share this state; empty if only one
   * process can use it} With it a pipeline waits while another process owns it: {@link
   * dev.pgetl.config.PipelineConfig.Builder#standby}. The answer never changes. A store that passes
   * calls on to another one passes this one on, too.
   */
  default Optional<LeaseStore> leases() {
    return Optional.empty();
  }

  /**
   * {@return what is wrong with the store, or may become so; empty if nothing is} Asked by {@link
   * dev.pgetl.Pipeline#diagnose()}, on the thread that calls it: whether it can be reached and
   * written, and what its settings lack. By default nothing is. What it throws becomes a finding.
   *
   * <p>It changes nothing, and answers in limited time (rule S12). It may be called at any time:
   * before anything is loaded, while other calls are in progress, and while another process owns
   * the pipeline. A store that passes calls on to another one passes this one on, too.
   */
  default List<Finding> diagnose() {
    return List.of();
  }
}
