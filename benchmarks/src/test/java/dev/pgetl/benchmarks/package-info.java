/** Tests of what the benchmarks understand and sum up. */
@NullMarked
package dev.pgetl.benchmarks;

import org.jspecify.annotations.NullMarked;
