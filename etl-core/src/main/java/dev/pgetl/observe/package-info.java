/**
 * What a running pipeline tells of itself, pulled or pushed.
 *
 * <p>{@link dev.pgetl.Pipeline#status} gives a {@link dev.pgetl.observe.PipelineStatus}: the state
 * of the whole, the lag of its stream, and a {@link dev.pgetl.observe.TableStatus} for every table.
 * A {@link dev.pgetl.observe.PipelineListener} hears of the same as it happens, for metrics; what
 * it throws is logged and harms nobody.
 */
@NullMarked
package dev.pgetl.observe;

import org.jspecify.annotations.NullMarked;
