/** Debezium's embedded engine; compiled with the Maven profile {@code debezium} only. */
@NullMarked
package dev.pgetl.benchmarks.debezium;

import org.jspecify.annotations.NullMarked;
