/**
 * Meters of pipelines: {@link dev.pgetl.micrometer.PgetlMetrics} reads what a pipeline reports of
 * itself, {@link dev.pgetl.micrometer.MeteredDestination} times the calls of its destination. All
 * of them are in {@code docs/metrics.md}.
 */
@NullMarked
package dev.pgetl.micrometer;

import org.jspecify.annotations.NullMarked;
