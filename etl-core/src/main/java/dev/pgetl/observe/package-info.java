/**
 * The status of a running pipeline, pulled or pushed.
 *
 * <p>{@link dev.pgetl.Pipeline#status} gives a {@link dev.pgetl.observe.PipelineStatus}: the state
 * of the whole, the lag of its stream, and a {@link dev.pgetl.observe.TableStatus} for every table.
 * A {@link dev.pgetl.observe.PipelineListener} reports the same as it happens, for metrics; its
 * exceptions are logged and have no other effect.
 */
@NullMarked
package dev.pgetl.observe;

import org.jspecify.annotations.NullMarked;
