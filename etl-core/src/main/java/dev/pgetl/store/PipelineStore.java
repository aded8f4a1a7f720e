package dev.pgetl.store;

/** Everything that a pipeline remembers, in one object. One store serves one pipeline. */
public interface PipelineStore extends SchemaStore, StateStore, CleanupStore {}
