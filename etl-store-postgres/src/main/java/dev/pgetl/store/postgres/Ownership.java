package dev.pgetl.store.postgres;

/**
 * What a layer that owned the rows of a pipeline knows: with it the layer's next connection detects
 * that another owner intervened, or that the rows are not the same ones.
 *
 * @param pipeline the pipeline's number
 * @param created when the pipeline's row was created, in microseconds
 * @param epoch how many processes have taken the pipeline up so far
 */
record Ownership(int pipeline, long created, long epoch) {}
