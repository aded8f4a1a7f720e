/**
 * One stream of the log: sessions that read it, the delivery that takes its batches, its position,
 * its schemas.
 */
@NullMarked
package dev.pgetl.internal.runtime.stream;

import org.jspecify.annotations.NullMarked;
