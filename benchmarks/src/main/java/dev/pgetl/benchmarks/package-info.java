/**
 * Measures pgetl beside what else reads the same server. {@link dev.pgetl.benchmarks.Benchmarks} is
 * the program behind {@code benchmarks/run}:
 *
 * <ul>
 *   <li>{@code workload}: what is measured, and the server it is measured on;
 *   <li>{@code client}: who is measured, each in a process of its own;
 *   <li>{@code measure}: CPU, memory, latencies; medians, the table and the JSON file;
 *   <li>{@code micro}: JMH benchmarks of single pieces of the engine.
 * </ul>
 */
@NullMarked
package dev.pgetl.benchmarks;

import org.jspecify.annotations.NullMarked;
