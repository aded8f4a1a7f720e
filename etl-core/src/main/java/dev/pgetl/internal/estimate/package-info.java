/**
 * How long the copies of a pipeline will take. What is known of each table ({@link
 * dev.pgetl.internal.estimate.TableLoad}) and what rows have cost so far ({@link
 * dev.pgetl.internal.estimate.CopyCosts}) make an estimate of the whole ({@link
 * dev.pgetl.internal.estimate.CopyEstimate}). Without input and output.
 */
@NullMarked
package dev.pgetl.internal.estimate;

import org.jspecify.annotations.NullMarked;
