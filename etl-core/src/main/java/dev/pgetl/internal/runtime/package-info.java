/**
 * Runs a pipeline: start-up, workers, the life of a table, retries, supervision, shutdown. The only
 * user of stores.
 *
 * <p>{@link dev.pgetl.internal.runtime.PipelineEngine} is the whole, {@link
 * dev.pgetl.internal.runtime.ApplyWorker} streams the tables it owns, {@code table} is the life of
 * one table with its sync worker, {@code stream} one stream of the log, {@code worker} threads and
 * what surrounds them.
 */
@NullMarked
package dev.pgetl.internal.runtime;

import org.jspecify.annotations.NullMarked;
