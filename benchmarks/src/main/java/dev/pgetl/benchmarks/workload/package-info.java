/**
 * What is measured: each {@link dev.pgetl.benchmarks.workload.Workload} fills a database and lets
 * subjects read it, one after the other, in turns.
 */
@NullMarked
package dev.pgetl.benchmarks.workload;

import org.jspecify.annotations.NullMarked;
