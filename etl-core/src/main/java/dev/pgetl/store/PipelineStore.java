package dev.pgetl.store;

/** All that a pipeline remembers, in one object. One store serves one pipeline. */
public interface PipelineStore extends SchemaStore, StateStore, CopyStore, CleanupStore {
  /**
   * The comment ({@code COMMENT ON TABLE}) of every table in which a store keeps its state. A
   * pipeline leaves tables with this comment out of its publication; otherwise a store in the
   * source database would replicate its own writes.
   */
  String TABLE_COMMENT = "pgetl store: state of pipelines, never replicated";
}
