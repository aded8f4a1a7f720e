package dev.pgetl.store;

/** All that a pipeline remembers, in one object. One store serves one pipeline. */
public interface PipelineStore extends SchemaStore, StateStore, CleanupStore {}
