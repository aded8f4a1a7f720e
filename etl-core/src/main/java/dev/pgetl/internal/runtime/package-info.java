/**
 * Runs a pipeline: start-up, workers, the life of a table, retries, supervision, shutdown. The only
 * user of stores, the only package that starts threads and reads the clock.
 *
 * <p>{@link dev.pgetl.internal.runtime.PipelineEngine} is the whole; {@link
 * dev.pgetl.internal.runtime.ApplyStream} the main stream; {@link
 * dev.pgetl.internal.runtime.TableSync} the way of one table from {@code Init} to {@code SyncDone};
 * {@link dev.pgetl.internal.runtime.HandOver} where the two meet.
 */
@NullMarked
package dev.pgetl.internal.runtime;

import org.jspecify.annotations.NullMarked;
