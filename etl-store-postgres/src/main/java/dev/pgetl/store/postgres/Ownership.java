package dev.pgetl.store.postgres;

/**
 * What a connection that owns the rows of a pipeline knows about itself: with it the next
 * connection of the same layer detects that no other owner intervened.
 *
 * @param pipeline the pipeline's number
 * @param epoch how many processes have taken the pipeline up so far
 * @param backendPid the server process of the connection
 * @param backendStart when that began, in microseconds
 */
record Ownership(int pipeline, long epoch, int backendPid, long backendStart) {}
