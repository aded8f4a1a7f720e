/**
 * The source's side of a comparison: its tables, the position, and what the pipeline has applied.
 */
@NullMarked
package dev.pgetl.internal.verify.source;

import org.jspecify.annotations.NullMarked;
