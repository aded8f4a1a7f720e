/**
 * What is known of a copy that goes by ranges of the primary key, and what it means for the stream
 * behind it.
 *
 * <p>A copy that was interrupted continues under a new snapshot. So the ranges of one table may
 * show the table at different positions, and each change of the stream is compared with the
 * position of the range its key lies in. Without input and output.
 */
@NullMarked
package dev.pgetl.internal.range;

import org.jspecify.annotations.NullMarked;
