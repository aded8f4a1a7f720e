package dev.pgetl.store;

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
}
