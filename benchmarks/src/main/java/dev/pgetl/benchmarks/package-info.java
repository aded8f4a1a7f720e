/** Benchmarks of the decoder, the copy and the whole pipeline. */
@NullMarked
package dev.pgetl.benchmarks;

import org.jspecify.annotations.NullMarked;
