/** Tests of the order in which subjects run. */
@NullMarked
package dev.pgetl.benchmarks.workload;

import org.jspecify.annotations.NullMarked;
